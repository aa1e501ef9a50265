import { Alert, Button, Drawer, Group, Select, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import type { LinkOutputBody, SetUserInputBody, UserView } from "@/api/schema";
import { useAct } from "@/ui/act";
import { Once } from "@/ui/copy";
import { Form } from "@/ui/form";
import { dateTime } from "@/ui/format";
import { Read } from "@/ui/states";
import { useSubmit } from "@/ui/submit";
import { Ago } from "@/ui/time";
import { headword } from "@/ui/word";
import classes from "./people.module.css";
import { Queues } from "./queues";
import { roles } from "./rights";

const fields = ["name", "email", "role", "queues"] as const;

/** One account: what may be changed of it, and how its owner comes in. */
export function Person({ of, close }: { of: UserView | undefined; close: () => void }) {
  // What was shown stays while the drawer slides away.
  const [shown, setShown] = useState(of);
  if (of && of !== shown) setShown(of);
  return (
    <Drawer opened={!!of} onClose={close} position="right" size={480} title={shown?.name || shown?.login}>
      {shown && (
        <Stack gap="lg">
          <Details key={`${shown.login} ${shown.version}`} of={shown} />
          <Access key={`access ${shown.login}`} of={shown} />
          <Sessions key={`sessions ${shown.login}`} of={shown} />
        </Stack>
      )}
    </Drawer>
  );
}

function bodyOf(u: UserView): SetUserInputBody {
  return { name: u.name, email: u.email, role: u.role, queues: u.queues ?? [], disabled: u.disabled };
}

const setUser = (login: string, version: number, body: SetUserInputBody) =>
  take(api.PUT("/v1/users/{login}", { params: { path: { login }, header: { "If-Match": `"${version}"` } }, body }));

function Details({ of }: { of: UserView }) {
  const { t } = useTranslation(["people", "app", "ui"]);
  const act = useAct();
  const { busy, errors, submit } = useSubmit(fields);
  const [now, setNow] = useState(() => bodyOf(of));
  const was = bodyOf(of);
  const rights = now.role !== was.role || String(now.queues) !== String(was.queues);
  const changed = rights || (now.name ?? "") !== (was.name ?? "") || (now.email ?? "") !== (was.email ?? "");
  const save = () =>
    submit(async () => {
      const { version } = await setUser(of.login, of.version, now);
      act.say(t("person.changed", { login: of.login }), {
        undo: () => setUser(of.login, version, was),
        touches: [["users"], ["people"]],
      });
    });
  return (
    <Form send={save} busy={busy} submit={t("ui:save")} cancel={() => setNow(was)} same={!changed}>
      <TextInput label={t("person.login")} value={of.login} readOnly variant="filled" />
      <TextInput
        label={t("person.name")}
        value={now.name ?? ""}
        onChange={(e) => setNow({ ...now, name: e.currentTarget.value })}
        error={errors.name}
        autoComplete="off"
      />
      <TextInput
        label={t("person.email")}
        type="email"
        value={now.email ?? ""}
        onChange={(e) => setNow({ ...now, email: e.currentTarget.value })}
        error={errors.email}
        autoComplete="off"
      />
      <Select
        label={t("person.role")}
        description={t(`role.${now.role}`)}
        value={now.role}
        onChange={(role) => role && setNow({ ...now, role: role as UserView["role"] })}
        data={roles.map((r) => ({ value: r, label: headword("role", r) }))}
        error={errors.role}
        allowDeselect={false}
      />
      <Queues
        label={t("person.queues")}
        none={t(now.role === "agent" ? "queues.asAgent" : "queues.all")}
        value={now.queues ?? []}
        change={(queues) => setNow({ ...now, queues })}
        error={errors.queues}
      />
      {rights && (
        <Alert color="orange" p="xs">
          {t("person.rights")}
        </Alert>
      )}
    </Form>
  );
}

/** How somebody comes in: links, the second factor, the provider, or not at all. */
function Access({ of }: { of: UserView }) {
  const { t } = useTranslation("people");
  const act = useAct();
  const [link, setLink] = useState<LinkOutputBody | null>(null);
  const touches = [["users"]];
  const path = { path: { login: of.login } };
  const turn = (disabled: boolean) =>
    take(api.POST(disabled ? "/v1/users/{login}/disable" : "/v1/users/{login}/enable", { params: path }));
  const makeLink = () =>
    act.now(async () => setLink(await take(api.POST("/v1/users/{login}/link", { params: path }))), { touches });
  const invites = !of.has_password;
  return (
    <section className={classes.part} aria-labelledby="person-access">
      <h3 id="person-access">{t("access.title")}</h3>
      {link && (
        <Once
          title={t(link.purpose === "invite" ? "link.invite" : "link.reset", { login: of.login })}
          text={t(link.purpose === "invite" ? "link.inviteText" : "link.resetText", { until: dateTime(link.expires) })}
          label={t("link.label")}
          secret={link.url}
          done={() => setLink(null)}
        />
      )}
      <Line
        text={of.disabled ? t("access.disabled") : invites ? t("access.noPassword") : t("access.password")}
        at={of.password_at}
      >
        {!of.disabled && (
          <Button variant="default" onClick={() => void makeLink()}>
            {t(invites ? "access.invite" : "access.reset")}
          </Button>
        )}
      </Line>
      <Line text={of.has_totp ? t("access.totp", { count: of.recovery_codes }) : t("access.noTotp")}>
        {of.has_totp && (
          <Button
            variant="default"
            onClick={() =>
              act.later({
                text: t("access.totpTaking"),
                done: t("access.totpTaken", { login: of.login }),
                run: ({ keepalive }) => take(api.DELETE("/v1/users/{login}/totp", { params: path, keepalive })),
                touches,
              })
            }
          >
            {t("access.totpTake")}
          </Button>
        )}
      </Line>
      {of.oidc_issuer && (
        <Line text={t("access.oidc", { issuer: of.oidc_issuer })}>
          <Button
            variant="default"
            onClick={() =>
              act.later({
                text: t("access.parting"),
                done: t("access.parted", { login: of.login }),
                run: ({ keepalive }) => take(api.DELETE("/v1/users/{login}/oidc", { params: path, keepalive })),
                touches,
              })
            }
          >
            {t("access.part")}
          </Button>
        </Line>
      )}
      <Line text={t(of.disabled ? "access.enableText" : "access.disableText")}>
        <Button
          variant="default"
          onClick={() =>
            void act.now(() => turn(!of.disabled), {
              done: t(of.disabled ? "access.wasEnabled" : "access.wasDisabled", { login: of.login }),
              undo: () => turn(!!of.disabled),
              touches,
            })
          }
        >
          {t(of.disabled ? "access.enable" : "access.disable")}
        </Button>
      </Line>
    </section>
  );
}

function Line({ text, at, children }: { text: string; at?: string; children?: React.ReactNode }) {
  return (
    <div className={classes.line}>
      <span>
        {text} {at && <Ago at={at} />}
      </span>
      {children}
    </div>
  );
}

/** Where somebody is signed in. */
function Sessions({ of }: { of: UserView }) {
  const { t } = useTranslation("people");
  const act = useAct();
  const path = { path: { login: of.login } };
  const sessions = useQuery({
    queryKey: ["users", of.login, "sessions"],
    queryFn: async () => (await take(api.GET("/v1/users/{login}/sessions", { params: path }))).items ?? [],
  });
  return (
    <section className={classes.part} aria-labelledby="person-sessions">
      <h3 id="person-sessions">{t("sessions.title")}</h3>
      <Read of={sessions} lines={2}>
        {(list) =>
          list.length === 0 ? (
            <p className={classes.dim}>{t("sessions.none")}</p>
          ) : (
            <>
              <ul className={classes.sessions}>
                {list.map((s) => (
                  <li key={s.id}>
                    <span>
                      {browserName(s.agent) || t("sessions.unknown")}
                      {s.own && ` (${t("sessions.own")})`}
                    </span>
                    <span className={classes.dim}>
                      {s.from} · {t(`sessions.via.${s.via}`)} · <Ago at={s.seen_at} />
                    </span>
                  </li>
                ))}
              </ul>
              <Group>
                <Button
                  variant="default"
                  onClick={() =>
                    act.later({
                      text: t("sessions.ending"),
                      done: t("sessions.ended", { login: of.login }),
                      run: ({ keepalive }) =>
                        take(api.DELETE("/v1/users/{login}/sessions", { params: path, keepalive })),
                      touches: [["users"]],
                    })
                  }
                >
                  {t("sessions.end")}
                </Button>
              </Group>
            </>
          )
        }
      </Read>
    </section>
  );
}

/** "Firefox · Linux" out of what a browser calls itself. */
export function browserName(agent = ""): string {
  const names = { Edg: "Edge", OPR: "Opera", Firefox: "Firefox", Chrome: "Chrome", Safari: "Safari" };
  // Most call themselves by the names of others as well, the own one last or alone.
  const browser = Object.entries(names).find(([token]) => agent.includes(`${token}/`))?.[1];
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(agent)?.[1] ?? "";
  return [browser, system === "Mac OS X" ? "macOS" : system].filter(Boolean).join(" · ") || agent.slice(0, 60);
}
