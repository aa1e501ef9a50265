import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import { ApiError } from "@/api/problem";
import type { PlaybookView } from "@/api/schema";
import { useAct } from "@/ui/act";
import { Failed, Loading } from "@/ui/states";
import { Ago } from "@/ui/time";
import { useActivate } from "./activate";
import { Compare } from "./compare";
import classes from "./publish.module.css";
import { activeOf, nameIn, titleOf, versionQuery, versionsQuery } from "./query";

interface PublishProps {
  base: PlaybookView;
  text: string;
  /** The newest version when the text was begun. */
  newest: number;
  opened: boolean;
  close: () => void;
  done: (published: PlaybookView) => void;
}

/** As long as a name may be. */
const maxName = 128;

/** Shows what will be different, and publishes it: to decide at once, or to be kept. */
export function Publish(props: PublishProps) {
  const { t } = useTranslation(["playbooks", "ui"]);
  return (
    <Modal
      opened={props.opened}
      onClose={props.close}
      size="56rem"
      title={t("publish.title")}
      closeButtonProps={{ "aria-label": t("ui:close") }}
    >
      <Form {...props} />
    </Modal>
  );
}

function Form({ base, text, newest, close, done }: PublishProps) {
  const { t } = useTranslation(["playbooks", "ui"]);
  const versions = useQuery(versionsQuery).data ?? [];
  const active = activeOf(versions);
  const decides = useQuery(versionQuery(active?.version ?? 0));
  // A file's text stays that file's; what was built in is from now on what it calls itself.
  const name = base.built_in ? (nameIn(text) ?? titleOf(base)) : base.name;
  const act = useAct();
  const decide = useActivate();
  const queries = useQueryClient();
  const meanwhile = versions.filter((v) => v.version > newest);
  const nothing = decides.data?.source === text;

  // Published first and activated then: whatever becomes of the second, the text is kept.
  const publish = async (activate: boolean) => {
    let made: PlaybookView | undefined;
    const ok = await act.now(
      async () => {
        try {
          made = await take(api.POST("/v1/playbooks", { body: { name: name.slice(0, maxName), source: text } }));
        } catch (error) {
          if (error instanceof ApiError && error.final && error.status !== 401 && error.status !== 403) close();
          throw error;
        }
      },
      { touches: [["playbooks"]] },
    );
    if (!ok || !made) return;
    queries.setQueryData(versionQuery(made.version).queryKey, made);
    if (activate) await decide.activate(made.version, active);
    else notifications.show({ message: t("publish.kept", { version: made.version }) });
    done(made);
  };

  return (
    <Stack gap="md">
      {meanwhile.length > 0 && <Meanwhile of={meanwhile[0]!} />}
      {decides.data ? (
        <div>
          <Text size="sm" mb="xs">
            {t("publish.against", { version: decides.data.version, name: titleOf(decides.data) })}
          </Text>
          <Compare before={decides.data.source ?? ""} after={text} label={t("publish.title")} />
        </div>
      ) : decides.error ? (
        <Failed error={decides.error} retry={() => void decides.refetch()} />
      ) : active ? (
        <Loading />
      ) : (
        <Text size="sm">{t("publish.first")}</Text>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          {t("ui:cancel")}
        </Button>
        <Button variant="default" disabled={act.busy} onClick={() => void publish(false)}>
          {t("publish.keep")}
        </Button>
        <Button data-autofocus disabled={nothing} loading={act.busy || decide.busy} onClick={() => void publish(true)}>
          {t("publish.decide")}
        </Button>
      </Group>
    </Stack>
  );
}

/** Somebody else published while this text was being written. */
export function Meanwhile({ of: v, children }: { of: PlaybookView; children?: React.ReactNode }) {
  const { t } = useTranslation("playbooks");
  return (
    <div className={classes.notice}>
      <strong>{t("meanwhile.title", { version: v.version, by: v.by || t("nobody") })}</strong>
      <Text size="sm" c="var(--ink)">
        {t(v.active ? "meanwhile.active" : "meanwhile.kept")} (<Ago at={v.at} />)
      </Text>
      {children}
    </div>
  );
}
