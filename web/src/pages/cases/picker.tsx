import { Modal, Text, TextInput, UnstyledButton } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCombobox } from "@/ui/combobox";
import classes from "./picker.module.css";

export interface Choice {
  id: string;
  label: string;
  /** Below the label, and searched too. */
  about?: string;
  /** It holds already. */
  current?: boolean;
}

interface PickerProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  choices: Choice[];
  onPick: (id: string) => void;
  /** What stands there when nothing fits, or there is nothing. */
  none: ReactNode;
}

const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** One of a list, found by typing: arrows and enter choose, escape leaves. */
export function Picker({ opened, onClose, title, choices, onPick, none }: PickerProps) {
  const { t } = useTranslation("ui");
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      closeButtonProps={{ "aria-label": t("close") }}
      yOffset="14vh"
    >
      <Choose choices={choices} onPick={onPick} none={none} title={title} />
    </Modal>
  );
}

function Choose({ choices, onPick, none, title }: Pick<PickerProps, "choices" | "onPick" | "none" | "title">) {
  const { t } = useTranslation("ui");
  const [typed, setTyped] = useState("");
  const list = useRef<HTMLDivElement>(null);
  const words = plain(typed).split(/\s+/).filter(Boolean);
  const found = choices.filter((c) => words.every((w) => plain(`${c.label} ${c.about ?? ""}`).includes(w)));
  const { at, field, listbox, option } = useCombobox({
    ids: found.map((c) => c.id),
    typed,
    pick: (i) => onPick(found[i]!.id),
  });
  useEffect(() => {
    if (at >= 0) list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [at]);
  return (
    <>
      <TextInput
        data-autofocus
        value={typed}
        onChange={(e) => setTyped(e.currentTarget.value)}
        leftSection={<IconSearch size={15} />}
        placeholder={t("search")}
        aria-label={title}
        {...field}
      />
      <div ref={list} {...listbox} role="listbox" aria-label={title} className={classes.list}>
        {found.map((c, i) => (
          <UnstyledButton key={c.id} {...option(i)} className={classes.choice} onClick={() => onPick(c.id)}>
            <span>
              {c.label}
              {c.current && <span className={classes.current}> ✓</span>}
            </span>
            {c.about && (
              <Text component="span" size="xs" c="var(--dim)" lineClamp={2}>
                {c.about}
              </Text>
            )}
          </UnstyledButton>
        ))}
      </div>
      {found.length === 0 && (
        <Text size="sm" c="var(--dim)" p="md" ta="center" role="status">
          {none}
        </Text>
      )}
    </>
  );
}
