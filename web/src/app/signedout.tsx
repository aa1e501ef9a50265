import { Button, Group, Modal, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { api, take, whenSignedOut } from "@/api/client";
import { ApiError } from "@/api/problem";
import { sessionOf, useSession } from "@/api/session";
import { showError } from "@/ui/act";

let out = false;
const watchers = new Set<() => void>();
function become(next: boolean): void {
  if (out === next) return;
  out = next;
  for (const run of watchers) run();
}
const watch = (run: () => void) => {
  watchers.add(run);
  return () => void watchers.delete(run);
};
whenSignedOut(() => become(true));

/**
 * Over the page of somebody whose session has ended: they sign in beside it
 * and go on, with all that they had begun. Where somebody else has signed in,
 * the page begins anew: nothing is done in a name that it does not show.
 */
export function SignedOut({ onBack }: { onBack: () => void }) {
  const { t } = useTranslation("app");
  const { login } = useSession();
  const queries = useQueryClient();
  const shown = useSyncExternalStore(watch, () => out);
  const [asking, setAsking] = useState(false);
  const ask = async () => {
    setAsking(true);
    try {
      const now = sessionOf(await take(api.GET("/v1/session")));
      if (now.login !== login) {
        location.reload();
        return;
      }
      become(false);
      void queries.invalidateQueries();
      onBack();
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401)) showError(error);
    } finally {
      setAsking(false);
    }
  };
  // Another tab may have signed somebody else in, or this one's person again.
  useEffect(() => {
    const look = () => {
      if (document.visibilityState !== "visible") return;
      api.GET("/v1/session").then(
        ({ data }) => {
          if (data && data.name !== login) location.reload();
          else if (data && out) {
            become(false);
            void queries.invalidateQueries();
            onBack();
          } else if (!data) become(true);
        },
        () => {}, // the line says so itself
      );
    };
    document.addEventListener("visibilitychange", look);
    addEventListener("focus", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      removeEventListener("focus", look);
    };
  }, [login, queries, onBack]);
  return (
    <Modal
      opened={shown}
      onClose={() => {}}
      withCloseButton={false}
      closeOnEscape={false}
      title={t("out.title")}
      centered
    >
      <Text size="sm">{t("out.text")}</Text>
      <Group mt="md">
        <Button component="a" href="/sign-in" target="_blank" rel="noopener">
          {t("out.signIn")}
        </Button>
        <Button variant="default" loading={asking} onClick={() => void ask()}>
          {t("out.back")}
        </Button>
      </Group>
    </Modal>
  );
}
