import { Badge, Button, SegmentedControl, UnstyledButton } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import type { DeliveryView } from "@/api/schema";
import { useAct } from "@/ui/act";
import { Snippet } from "@/ui/copy";
import { Read } from "@/ui/states";
import { Ago, When } from "@/ui/time";
import classes from "./connections.module.css";

const states = ["all", "pending", "done", "dead"] as const;
type State = (typeof states)[number];
const tones = { pending: "blue", sending: "blue", done: "green", dead: "red" } as const;
/** Nothing announces a delivery; whoever looks at the log sees it grow. */
const everyMs = 4000;

/** What was posted to a webhook, or waits to be, with the answers. */
export function Deliveries({ webhook }: { webhook: string }) {
  const { t } = useTranslation(["connections", "ui"]);
  const act = useAct();
  const [state, setState] = useState<State>("all");
  const [open, setOpen] = useState("");
  const log = useInfiniteQuery({
    queryKey: ["webhooks", webhook, "deliveries", state],
    queryFn: ({ pageParam }) =>
      take(
        api.GET("/v1/webhooks/{id}/deliveries", {
          params: {
            path: { id: webhook },
            query: { cursor: pageParam, limit: 25, ...(state !== "all" && { state }) },
          },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next || undefined,
    // Reading is written into the audit log: once a look is enough after the first page.
    refetchInterval: (q) => ((q.state.data?.pages.length ?? 1) > 1 ? false : pendingIn(q.state.data?.pages[0]?.items)),
  });
  const shown = (log.data?.pages ?? []).flatMap((p) => p.items ?? []);
  const replay = (d: DeliveryView) =>
    act.now(() => take(api.POST("/v1/webhook-deliveries/{id}/replay", { params: { path: { id: d.id } } })), {
      done: t("log.replayed"),
      touches: [["webhooks", webhook, "deliveries"]],
    });
  return (
    <section aria-label={t("log.title")} className={classes.log}>
      <div className={classes.top}>
        <h3 className={classes.small}>{t("log.title")}</h3>
        <div className={classes.acts}>
          <SegmentedControl
            size="xs"
            value={state}
            onChange={(s) => setState(s as State)}
            data={states.map((s) => ({ value: s, label: t(`log.state.${s}`) }))}
            aria-label={t("log.filter")}
          />
          <Button variant="default" onClick={() => void log.refetch()} loading={log.isRefetching}>
            {t("log.again")}
          </Button>
        </div>
      </div>
      <Read of={log} lines={2}>
        {() =>
          shown.length === 0 ? (
            <p className={classes.dim}>{t(state === "all" ? "log.none" : "log.noneOf")}</p>
          ) : (
            <ul className={classes.list}>
              {shown.map((d) => (
                <Delivery
                  key={d.id}
                  of={d}
                  open={open === d.id}
                  toggle={() => setOpen(open === d.id ? "" : d.id)}
                  replay={() => void replay(d)}
                />
              ))}
            </ul>
          )
        }
      </Read>
      {log.hasNextPage && (
        <div>
          <Button variant="default" loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            {t("ui:more")}
          </Button>
        </div>
      )}
    </section>
  );
}

/** While something is on its way the log is read on. */
function pendingIn(list: DeliveryView[] | null | undefined): number | false {
  return list?.some((d) => d.state === "pending" || d.state === "sending") ? everyMs : false;
}

interface DeliveryProps {
  of: DeliveryView;
  open: boolean;
  toggle: () => void;
  replay: () => void;
}

function Delivery({ of, open, toggle, replay }: DeliveryProps) {
  const { t } = useTranslation("connections");
  const over = of.state === "done" || of.state === "dead";
  return (
    <li className={classes.delivery}>
      <div className={classes.deliveryHead}>
        <Badge color={tones[of.state]}>{t(`log.state.${of.state}`)}</Badge>
        <UnstyledButton className={classes.deliveryOpen} onClick={toggle} aria-expanded={open}>
          <code>{of.type}</code>{" "}
          <span className={classes.dim}>
            {!!of.status && `${of.status} · `}
            {t("dead.attempts", { count: of.attempt })}
          </span>
        </UnstyledButton>
        <span className={classes.deliveryWhen}>
          <Ago at={of.updated_at} />
        </span>
        {over && (
          <Button variant="default" size="compact-xs" onClick={replay}>
            {t("log.replay")}
          </Button>
        )}
      </div>
      {open && (
        <div className={classes.deliveryBody}>
          {of.error && <p className={of.state === "done" ? classes.dim : classes.error}>{of.error}</p>}
          {of.state === "pending" && of.not_before && (
            <p className={classes.dim}>
              {t("log.next")} <When at={of.not_before} />
            </p>
          )}
          <Snippet label={t("log.body")} text={of.body ? JSON.stringify(of.body, null, 2) : `webhook-id: ${of.id}`} />
        </div>
      )}
    </li>
  );
}
