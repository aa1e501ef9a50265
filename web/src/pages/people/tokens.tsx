import { Badge, Button } from "@mantine/core";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import type { TokenView } from "@/api/schema";
import { useAct } from "@/ui/act";
import { Once } from "@/ui/copy";
import { Panel } from "@/ui/panel";
import { useShortcuts } from "@/ui/shortcuts";
import { Empty, Read } from "@/ui/states";
import { When } from "@/ui/time";
import classes from "./people.module.css";
import { tokensQuery } from "./queries";
import { TokenForm } from "./tokenform";

/** What programs show: never more than a name of it is kept on the page. */
export function Tokens() {
  const { t } = useTranslation("people");
  const act = useAct();
  const tokens = useQuery(tokensQuery);
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<TokenView | null>(null);
  const [going, setGoing] = useState<ReadonlySet<string>>(new Set());
  useShortcuts([{ keys: "n", label: t("token.add"), group: t("tab.tokens"), run: () => setAdding(true) }]);
  const shown = (tokens.data ?? []).filter((x) => !going.has(x.name));
  const hide = (name: string, yes: boolean) =>
    setGoing((was) => {
      const next = new Set(was);
      if (yes) next.add(name);
      else next.delete(name);
      return next;
    });
  const revoke = (name: string) => {
    hide(name, true);
    act.later({
      text: t("token.revoking", { name }),
      done: t("token.revoked", { name }),
      run: async ({ keepalive }) => {
        await take(api.DELETE("/v1/tokens/{name}", { params: { path: { name } }, keepalive }));
        // A new one of the same name is another token, and shown.
        setTimeout(() => hide(name, false), 1000);
      },
      undone: () => hide(name, false),
      touches: [["tokens"]],
    });
  };
  return (
    <>
      {made?.secret && (
        <Once
          title={t("token.made", { name: made.name })}
          text={t("token.madeText")}
          label={t("token.secret")}
          secret={made.secret}
          done={() => setMade(null)}
        />
      )}
      <Panel
        title={t("token.title")}
        aside={
          <Button variant="default" leftSection={<IconPlus size={15} />} onClick={() => setAdding(true)}>
            {t("token.add")}
          </Button>
        }
        flush
      >
        <p className={classes.about}>{t("token.about")}</p>
        <Read of={tokens}>
          {() =>
            shown.length === 0 ? (
              <Empty icon={<IconKey />} title={t("token.none")} text={t("token.noneText")} />
            ) : (
              <ul className={classes.list}>
                {shown.map((x) => (
                  <li key={x.name} className={classes.plain}>
                    <Token of={x} />
                    <Button variant="default" onClick={() => revoke(x.name)} aria-label={t("token.revokeOne", x)}>
                      {t("token.revoke")}
                    </Button>
                  </li>
                ))}
              </ul>
            )
          }
        </Read>
      </Panel>
      <TokenForm
        opened={adding}
        close={() => setAdding(false)}
        made={(x) => {
          setAdding(false);
          setMade(x);
          void tokens.refetch();
        }}
      />
    </>
  );
}

function Token({ of }: { of: TokenView }) {
  const { t } = useTranslation(["people", "app"]);
  return (
    <span className={classes.who}>
      <span className={classes.name}>
        {of.name} {of.role && <Badge color="gray">{t(`app:role.${of.role}`)}</Badge>}{" "}
        {of.expired && <Badge color="red">{t("token.expired")}</Badge>}
      </span>
      <span className={classes.dim}>
        {of.only?.length ? t("token.only", { what: of.only.map((p) => t(`may.${p as "work"}`)).join(", ") }) : null}
        {of.only?.length ? " · " : null}
        {of.queues?.length ? of.queues.join(", ") : t("queues.all")}
        {" · "}
        {t("token.since")} <When at={of.created_at} />
        {" · "}
        {of.expires_at ? (
          <>
            {t(of.expired ? "token.ended" : "token.until")} <When at={of.expires_at} />
          </>
        ) : (
          t("token.forever")
        )}
      </span>
    </span>
  );
}
