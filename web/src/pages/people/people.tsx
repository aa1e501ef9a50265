import { Badge, TextInput, UnstyledButton } from "@mantine/core";
import { IconSearch, IconShieldCheck, IconUsers } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { UserView } from "@/api/schema";
import { useSession } from "@/api/session";
import { Listing } from "@/ui/listing";
import { initials } from "@/ui/post";
import { useShortcuts } from "@/ui/shortcuts";
import { Ago } from "@/ui/time";
import { headword } from "@/ui/word";
import { AddPerson } from "./addperson";
import classes from "./people.module.css";
import { Person } from "./person";
import { usersQuery } from "./queries";

/** Everybody who has an account, and what they may do. */
export function People() {
  const { t } = useTranslation(["people", "ui"]);
  const users = useQuery(usersQuery);
  const [find, setFind] = useState("");
  const [adding, setAdding] = useState(false);
  const [open, setOpen] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useShortcuts([{ keys: "/", label: t("person.find"), group: t("tab.people"), run: () => field.current?.focus() }]);
  const words = find.trim().toLowerCase();
  const shown = (users.data ?? []).filter((u) =>
    [u.login, u.name, u.email].some((text) => text?.toLowerCase().includes(words)),
  );
  const person = users.data?.find((u) => u.login === open);
  return (
    <>
      <Listing
        title={t("person.title")}
        add={{ label: t("person.add"), group: t("tab.people"), run: () => setAdding(true) }}
        aside={
          (users.data?.length ?? 0) > 5 && (
            <TextInput
              ref={field}
              size="xs"
              leftSection={<IconSearch size={14} />}
              placeholder={t("person.find")}
              aria-label={t("person.find")}
              value={find}
              onChange={(e) => setFind(e.currentTarget.value)}
            />
          )
        }
        of={users}
        items={shown}
        none={{ icon: <IconUsers />, title: t("person.none"), text: t("person.noneText") }}
        row={(u) => <Row key={u.login} of={u} open={() => setOpen(u.login)} />}
      />
      <AddPerson opened={adding} close={() => setAdding(false)} />
      <Person of={person} close={() => setOpen("")} />
    </>
  );
}

function Row({ of, open }: { of: UserView; open: () => void }) {
  const { t } = useTranslation(["people", "app"]);
  const own = useSession().login === of.login;
  const invited = !of.has_password && !of.oidc_issuer;
  return (
    <li>
      <UnstyledButton className={classes.row} onClick={open} data-off={of.disabled || undefined}>
        <span className={classes.face} aria-hidden>
          {initials(of.name || of.login)}
        </span>
        <span className={classes.who}>
          <span className={classes.name}>
            {of.name || of.login}
            {own && <span className={classes.dim}> {t("person.you")}</span>}
          </span>
          <span className={classes.dim}>{[of.login, of.email].filter(Boolean).join(" · ")}</span>
        </span>
        <span className={classes.cell}>
          {headword("role", of.role)}
          <span className={classes.dim}>
            {of.queues?.length ? of.queues.join(", ") : t(of.role === "agent" ? "queues.asAgent" : "queues.all")}
          </span>
        </span>
        <span className={classes.cell}>
          {of.signed_in_at ? (
            <span>
              {t("person.seen")} <Ago at={of.signed_in_at} />
            </span>
          ) : (
            t("person.never")
          )}
          {of.has_totp && (
            <span className={classes.dim}>
              <IconShieldCheck size={13} aria-hidden /> {t("person.totp")}
            </span>
          )}
        </span>
        <span className={classes.state}>
          {of.disabled ? (
            <Badge color="gray">{t("person.disabled")}</Badge>
          ) : invited ? (
            <Badge color="yellow">{t("person.invited")}</Badge>
          ) : (
            <Badge color="green">{t("person.on")}</Badge>
          )}
        </span>
      </UnstyledButton>
    </li>
  );
}
