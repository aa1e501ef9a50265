import { Badge, Button } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import type { TokenView } from "@/api/schema";
import { useAct } from "@/ui/act";
import { Once } from "@/ui/copy";
import { useGoing } from "@/ui/going";
import { Listing } from "@/ui/listing";
import { When } from "@/ui/time";
import { headword, word } from "@/ui/word";
import classes from "./people.module.css";
import { tokensQuery } from "./queries";
import { TokenForm } from "./tokenform";

/** A new one of the same name is another token. */
const idOf = (of: TokenView) => `${of.name} ${of.created_at}`;

/** What programs show: never more than a name of it is kept on the page. */
export function Tokens() {
  const { t } = useTranslation("people");
  const act = useAct();
  const tokens = useQuery(tokensQuery);
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<TokenView | null>(null);
  const { gone, stays } = useGoing();
  const revoke = (of: TokenView) => {
    const { name } = of;
    gone(idOf(of), true);
    act.later({
      text: t("token.revoking", { name }),
      done: t("token.revoked", { name }),
      run: ({ keepalive }) => take(api.DELETE("/v1/tokens/{name}", { params: { path: { name } }, keepalive })),
      undone: () => gone(idOf(of), false),
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
      <Listing
        title={t("token.title")}
        about={t("token.about")}
        add={{ label: t("token.add"), group: t("tab.tokens"), run: () => setAdding(true) }}
        of={tokens}
        items={(tokens.data ?? []).filter((x) => stays(idOf(x)))}
        none={{ icon: <IconKey />, title: t("token.none"), text: t("token.noneText") }}
        row={(x) => (
          <li key={x.name} className={classes.plain}>
            <Token of={x} />
            <Button variant="default" onClick={() => revoke(x)} aria-label={t("token.revokeOne", x)}>
              {t("token.revoke")}
            </Button>
          </li>
        )}
      />
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
        {of.name} {of.role && <Badge color="gray">{headword("role", of.role)}</Badge>}{" "}
        {of.expired && <Badge color="red">{t("token.expired")}</Badge>}
      </span>
      <span className={classes.dim}>
        {of.only?.length ? t("token.only", { what: of.only.map((p) => word("permission", p)).join(", ") }) : null}
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
