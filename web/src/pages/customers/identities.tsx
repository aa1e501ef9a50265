import { ActionIcon, Badge, Button, Text, Tooltip } from "@mantine/core";
import { IconEar, IconEarOff, IconLink, IconLinkOff, IconPlus, IconShieldCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, onceKey, take } from "@/api/client";
import { useSession } from "@/api/session";
import { useAct } from "@/ui/act";
import { useGoing } from "@/ui/going";
import { Panel } from "@/ui/panel";
import { Person } from "@/ui/person";
import { NetworkIcon } from "@/ui/post";
import { Empty, Read } from "@/ui/states";
import { When } from "@/ui/time";
import { headword, word } from "@/ui/word";
import classes from "./customers.module.css";
import { type IdentityView, identitiesQuery } from "./queries";
import { Vouch } from "./vouch";

const keyOf = (i: IdentityView) => [i.network, i.account ?? "", i.author].join("/");
const bodyOf = (i: IdentityView) => ({
  network: i.network,
  account: i.account || undefined,
  author: i.author,
  handle: i.handle || undefined,
  name: i.name || undefined,
});

type Change = "link" | "unlink" | "ignore" | "unignore";

/** Vouches for an identity or withdraws that, puts it on the ignore list or lets it in again. */
function changeIdentity(id: string, how: Change, i: IdentityView, keepalive = false) {
  const params = { path: { id }, header: { "Idempotency-Key": onceKey() } };
  return take(api.POST(`/v1/customers/{id}/identities/${how}`, { params, body: bodyOf(i), keepalive }));
}

/** Puts identities on the ignore list and lets them in again, each with the other as its undo. */
export function useIgnoring() {
  const { t } = useTranslation("customers");
  const act = useAct();
  const change = (id: string, how: "ignore" | "unignore", i: IdentityView) =>
    act.now(() => changeIdentity(id, how, i), {
      done: t(how === "ignore" ? "identity.nowIgnored" : "identity.letIn", { handle: handleOf(i) }),
      undo: () => changeIdentity(id, how === "ignore" ? "unignore" : "ignore", i),
      touches: [["customers", id], ["customers-list"]],
    });
  return { change, busy: act.busy };
}

export const handleOf = (i: IdentityView) => `@${i.handle || i.author}`;

/** Who writes for a customer, and what makes us believe it. */
export function Identities({ id }: { id: string }) {
  const { t } = useTranslation("customers");
  const list = useQuery(identitiesQuery(id));
  const me = useSession();
  const may = me.can("work");
  const ignoring = useIgnoring();
  const act = useAct();
  const { gone, stays } = useGoing();
  const [adding, setAdding] = useState(false);
  const touches = [["customers", id], ["customers-list"]];

  const vouch = (i: IdentityView) =>
    act.now(() => changeIdentity(id, "link", i), {
      done: t("identity.vouched", { handle: handleOf(i) }),
      undo: () => changeIdentity(id, "unlink", i),
      touches,
    });
  // Vouching again would put a person's word in place of the evidence that was
  // there, so what is withdrawn waits a little instead of being put back.
  const withdraw = (i: IdentityView) => {
    const back = () => gone(keyOf(i), false);
    gone(keyOf(i), true);
    act.later({
      text: t("identity.withdrawing", { handle: handleOf(i) }),
      run: async ({ keepalive }) => {
        await changeIdentity(id, "unlink", i, keepalive);
        back();
      },
      done: t("identity.withdrawn", { handle: handleOf(i) }),
      undone: back,
      touches,
    });
  };

  return (
    <Panel
      title={t("identity.title")}
      aside={
        may && (
          <Button
            size="compact-xs"
            variant="subtle"
            leftSection={<IconPlus size={14} />}
            onClick={() => setAdding(true)}
          >
            {t("identity.add")}
          </Button>
        )
      }
      flush
    >
      <Read of={list} lines={3}>
        {(items) =>
          items.length === 0 ? (
            <Empty title={t("identity.none")} text={t("identity.noneText")} />
          ) : (
            <ul className={classes.plain}>
              {items.map((i) => (
                <li key={keyOf(i)} className={classes.identity} data-leaving={!stays(keyOf(i)) || undefined}>
                  <Identity of={i} />
                  {may &&
                    (i.proven ? (
                      <Tooltip label={t("identity.withdraw")}>
                        <ActionIcon
                          aria-label={t("identity.withdrawOf", { handle: handleOf(i) })}
                          disabled={!stays(keyOf(i))}
                          onClick={() => withdraw(i)}
                        >
                          <IconLinkOff size={16} />
                        </ActionIcon>
                      </Tooltip>
                    ) : (
                      <Tooltip label={t("identity.vouch")}>
                        <ActionIcon
                          aria-label={t("identity.vouchOf", { handle: handleOf(i) })}
                          disabled={act.busy}
                          onClick={() => void vouch(i)}
                        >
                          <IconLink size={16} />
                        </ActionIcon>
                      </Tooltip>
                    ))}
                  {me.can("supervise") && (
                    <Tooltip label={t(i.ignored ? "identity.unignore" : "identity.ignore")}>
                      <ActionIcon
                        aria-label={t(i.ignored ? "identity.unignoreOf" : "identity.ignoreOf", { handle: handleOf(i) })}
                        disabled={ignoring.busy}
                        onClick={() => void ignoring.change(id, i.ignored ? "unignore" : "ignore", i)}
                      >
                        {i.ignored ? <IconEar size={16} /> : <IconEarOff size={16} />}
                      </ActionIcon>
                    </Tooltip>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Read>
      <Vouch opened={adding} onClose={() => setAdding(false)} vouch={vouch} />
    </Panel>
  );
}

/** One identity with the evidence for it. */
export function Identity({ of: i }: { of: IdentityView }) {
  const { t } = useTranslation("customers");
  return (
    <div className={classes.rowMain}>
      <span className={classes.rowLine}>
        <NetworkIcon network={i.network} size={15} />
        <Text component="span" fw={600} size="sm" truncate>
          @{i.handle || i.author}
        </Text>
        {i.proven ? (
          <Badge color="green" leftSection={<IconShieldCheck size={11} />}>
            {t("identity.proven")}
          </Badge>
        ) : (
          <Badge color="yellow">{t("identity.unproven")}</Badge>
        )}
        {i.ignored && <Badge color="gray">{t("identity.ignored")}</Badge>}
        {i.blocked && (
          <Tooltip label={t("identity.blocksText")}>
            <Badge color="red">
              {t("identity.blocks")} <When at={i.blocked} />
            </Badge>
          </Tooltip>
        )}
      </span>
      <span className={classes.rowDim}>
        {word("network", i.network)}
        {i.account && ` · ${t("identity.account", { account: i.account })}`}
        {i.handle && i.handle !== i.author && ` · ${i.author}`}
      </span>
      <ul className={classes.evidence}>
        {(i.evidence ?? []).map((e) => (
          <li key={`${e.kind} ${e.at} ${e.order ?? ""}`}>
            {headword("evidence", e.kind)}
            {e.order && ` ${e.order}`}
            {e.by && (
              <>
                {" "}
                · <Person login={e.by} />
              </>
            )}{" "}
            · <When at={e.at} />
          </li>
        ))}
        {(i.evidence ?? []).length === 0 && <li>{t("identity.noEvidence")}</li>}
      </ul>
    </div>
  );
}
