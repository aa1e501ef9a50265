import { Badge, NativeSelect, TextInput, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { headword } from "@/ui/word";
import { type Place, placeAt } from "./outline";
import classes from "./outlinepane.module.css";
import { switchesQuery } from "./query";

interface OutlineProps {
  places: Place[];
  /** Where the cursor is. */
  line: number;
  goTo: (line: number) => void;
}

const kinds = ["section", "rule", "template"] as const;

/** The rules and messages at the side of the text, to jump to. */
export function OutlinePane({ places, line, goTo }: OutlineProps) {
  const { t } = useTranslation("playbooks");
  const [sought, setSought] = useState("");
  const switches = useQuery(switchesQuery).data ?? [];
  const modes = new Map(switches.map((s) => [s.scope, s.mode]));
  const here = placeAt(places, line);
  const current = useRef<HTMLButtonElement>(null);
  const word = sought.trim().toLowerCase();
  useEffect(() => {
    if (here) current.current?.scrollIntoView({ block: "nearest" });
  }, [here]);
  const found = places.filter((p) => p.name.toLowerCase().includes(word));
  return (
    <nav className={classes.pane} aria-label={t("outline.title")}>
      <TextInput
        size="xs"
        value={sought}
        onChange={(e) => setSought(e.currentTarget.value)}
        onKeyDown={(e) => {
          if (e.key === "Enter" && found[0]) goTo(found[0].line);
        }}
        placeholder={t("outline.find")}
        aria-label={t("outline.find")}
      />
      <div className={classes.scroll}>
        {kinds.map((kind) => {
          const list = found.filter((p) => p.kind === kind);
          return list.length === 0 ? null : (
            <section key={kind}>
              <h2 className={classes.head}>
                {t(`outline.${kind}`)} <span>{list.length}</span>
              </h2>
              <ul>
                {list.map((p) => {
                  const mode = kind === "rule" ? modes.get(`rule:${p.name}`) : undefined;
                  return (
                    <li key={`${p.name} ${p.line}`}>
                      <UnstyledButton
                        ref={p === here ? current : undefined}
                        className={classes.place}
                        aria-current={p === here ? "location" : undefined}
                        onClick={() => goTo(p.line)}
                      >
                        <span className={classes.name}>{p.name}</span>
                        {mode && mode !== "live" && <Badge color="yellow">{headword("mode", mode)}</Badge>}
                      </UnstyledButton>
                    </li>
                  );
                })}
              </ul>
            </section>
          );
        })}
        {found.length === 0 && <p className={classes.none}>{t(places.length ? "outline.nothing" : "outline.empty")}</p>}
      </div>
    </nav>
  );
}

/** The same where there is no room at the side. */
export function OutlineSelect({ places, line, goTo }: OutlineProps) {
  const { t } = useTranslation("playbooks");
  return (
    <NativeSelect
      size="xs"
      aria-label={t("outline.title")}
      value={String(placeAt(places, line)?.line ?? "")}
      onChange={(e) => goTo(Number(e.currentTarget.value))}
      data={[
        { value: "", label: t("outline.jump"), disabled: true },
        ...kinds
          .map((kind) => ({
            group: t(`outline.${kind}`),
            items: places.filter((p) => p.kind === kind).map((p) => ({ value: String(p.line), label: p.name })),
          }))
          .filter((g) => g.items.length > 0),
      ]}
    />
  );
}
