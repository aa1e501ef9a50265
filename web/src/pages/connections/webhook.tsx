import { ActionIcon, Badge, Button, Menu, UnstyledButton } from "@mantine/core";
import {
  IconChevronDown,
  IconChevronRight,
  IconDots,
  IconKey,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconTrash,
} from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import type { TestWebhookOutputBody, WebhookView } from "@/api/schema";
import { useAct } from "@/ui/act";
import { number } from "@/ui/format";
import { Ago } from "@/ui/time";
import classes from "./connections.module.css";
import { Deliveries } from "./deliveries";

const touches = [["webhooks"]];
/** For how long the old secret signs beside the new one: time to exchange it. */
const overlapSeconds = 86_400;

interface WebhookProps {
  of: WebhookView;
  open: boolean;
  toggle: () => void;
  change: () => void;
  rotated: (w: WebhookView) => void;
  /** Taken from the list, or back onto it. */
  gone: (id: string, yes: boolean) => void;
}

export function Webhook({ of, open, toggle, change, rotated, gone }: WebhookProps) {
  const { t } = useTranslation("connections");
  const act = useAct();
  const [tested, setTested] = useState<TestWebhookOutputBody | null>(null);
  const path = { path: { id: of.id } };

  const turn = ({ url, description, types, version }: WebhookView, disabled: boolean) =>
    take(
      api.PUT("/v1/webhooks/{id}", {
        params: { ...path, header: { "If-Match": `"${version}"` } },
        body: { url, description, types, disabled },
      }),
    );
  const disable = (yes: boolean) =>
    act.now(() => turn(of, yes), {
      done: t(yes ? "hook.disabled" : "hook.enabled"),
      // Its version has changed by then.
      undo: async () => turn(await take(api.GET("/v1/webhooks/{id}", { params: path })), !yes),
      touches,
    });
  const test = () =>
    act.now(async () => {
      setTested(null);
      setTested(await take(api.POST("/v1/webhooks/{id}/test", { params: path })));
    });
  const rotate = () =>
    act.now(
      async () =>
        rotated(
          await take(
            api.POST("/v1/webhooks/{id}/rotate", { params: { ...path, query: { keep_seconds: overlapSeconds } } }),
          ),
        ),
      { touches },
    );
  const remove = () => {
    gone(of.id, true);
    act.later({
      text: t("hook.deleting"),
      done: t("hook.deleted"),
      run: ({ keepalive }) => take(api.DELETE("/v1/webhooks/{id}", { params: path, keepalive })),
      undone: () => gone(of.id, false),
      touches,
    });
  };

  const [tone, state] = of.disabled
    ? (["gray", t(`hook.why.${of.why ?? "operator"}`)] as const)
    : of.failing_since
      ? (["red", t("hook.failing")] as const)
      : (["green", t("hook.on")] as const);
  return (
    <li className={classes.hook}>
      <div className={classes.hookTop}>
        <UnstyledButton className={classes.hookHead} onClick={toggle} aria-expanded={open}>
          {open ? <IconChevronDown size={16} aria-hidden /> : <IconChevronRight size={16} aria-hidden />}
          <span className={classes.what}>
            <span className={classes.url}>{of.url}</span>
            <span className={classes.dim}>
              {of.description && `${of.description} · `}
              {of.types?.length ? of.types.join(", ") : t("hook.typesAll")}
            </span>
            {of.failing_since && (
              <span className={classes.error}>
                {t("hook.failingSince")} <Ago at={of.failing_since} />
              </span>
            )}
          </span>
          <Badge color={tone}>{state}</Badge>
        </UnstyledButton>
        <Menu position="bottom-end" width={230}>
          <Menu.Target>
            <ActionIcon aria-label={t("hook.menu", { url: of.url })}>
              <IconDots size={17} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconPencil size={15} />} onClick={change}>
              {t("hook.change")}
            </Menu.Item>
            <Menu.Item leftSection={<IconKey size={15} />} onClick={() => void rotate()}>
              {t("hook.rotate")}
            </Menu.Item>
            <Menu.Item
              leftSection={of.disabled ? <IconPlayerPlay size={15} /> : <IconPlayerPause size={15} />}
              onClick={() => void disable(!of.disabled)}
            >
              {t(of.disabled ? "hook.enable" : "hook.disable")}
            </Menu.Item>
            <Menu.Item leftSection={<IconTrash size={15} />} color="red" onClick={remove}>
              {t("hook.delete")}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      {open && (
        <div className={classes.hookBody}>
          <div className={classes.test}>
            <Button variant="default" onClick={() => void test()} loading={act.busy}>
              {t("hook.test")}
            </Button>
            <span role="status" className={tested ? (tested.ok ? classes.good : classes.error) : classes.dim}>
              {tested ? testWords(tested, t) : t("hook.testText")}
            </span>
          </div>
          {of.secrets > 1 && <p className={classes.dim}>{t("hook.overlap")}</p>}
          <Deliveries webhook={of.id} />
        </div>
      )}
    </li>
  );
}

type Translate = ReturnType<typeof useTranslation<"connections">>["t"];

function testWords(r: TestWebhookOutputBody, t: Translate): string {
  const ms = number(r.took_ms);
  if (r.ok) return t("hook.testOK", { status: r.status, ms });
  return t("hook.testFailed", { error: r.error || r.status, ms });
}
