import { Button, Popover, TextInput, Tooltip, UnstyledButton } from "@mantine/core";
import { IconUserPlus } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { said } from "@/i18n/said";
import { word } from "@/ui/word";
import { useNetwork } from "./context";
import { Face } from "./message";
import classes from "./people.module.css";
import { foldHandle, maxPeople } from "./thread";

interface AddPersonProps {
  shown: string[];
  onAdd: (handle: string) => void;
  opened: boolean;
  onOpened: (open: boolean) => void;
}

/** Chooses another customer to be: one the company knows, or anybody by a handle. */
export function AddPerson({ shown, onAdd, opened, onOpened }: AddPersonProps) {
  const { t } = useTranslation("sandbox");
  const { info } = useNetwork();
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState("");
  const full = shown.length >= maxPeople;
  const rest = (info.customers ?? []).filter((c) => !shown.includes(c.handle));
  const add = (handle: string) => {
    onAdd(handle);
    onOpened(false);
    setTyped("");
    setWrong("");
  };
  const submit = (e: FormEvent) => {
    e.preventDefault();
    const handle = foldHandle(typed);
    if (!handle) setWrong(t("people.wrong"));
    else if (handle === info.handle) setWrong(t("people.company", { company: word("company", info.company) }));
    else add(handle);
  };
  return (
    <Popover opened={opened} onChange={onOpened} position="bottom-end" width={300} trapFocus returnFocus shadow="md">
      <Popover.Target>
        <Tooltip label={t("people.full", { count: maxPeople })} disabled={!full}>
          <Button
            variant="default"
            leftSection={<IconUserPlus size={16} />}
            data-disabled={full || undefined}
            aria-disabled={full || undefined}
            onClick={() => !full && onOpened(!opened)}
          >
            {t("people.add")}
          </Button>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label={t("people.add")} p="xs">
        {rest.map((c) => (
          <UnstyledButton key={c.handle} className={classes.person} onClick={() => add(c.handle)}>
            <Face handle={c.handle} name={c.name} />
            <span className={classes.who}>
              <span className={classes.name}>
                {c.name} <span className={classes.handle}>@{c.handle}</span>
              </span>
              <span className={classes.about}>{said(c.about ?? "", c.about_said)}</span>
            </span>
          </UnstyledButton>
        ))}
        <form onSubmit={submit} className={classes.other}>
          <TextInput
            label={t("people.other")}
            description={t("people.otherText")}
            leftSection="@"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={41}
            value={typed}
            error={wrong}
            onChange={(e) => {
              setTyped(e.currentTarget.value);
              setWrong("");
            }}
          />
          <Button type="submit" variant="light" disabled={!typed.trim()}>
            {t("people.be")}
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
