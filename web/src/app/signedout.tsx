import { Button, Group, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { useLiveState } from "@/api/listening";
import { ApiError } from "@/api/problem";
import { sessionQuery, useSession } from "@/api/session";
import { anotherCode, type Standing, whose } from "@/api/whose";
import { forgetToasts } from "@/ui/act";
import { callOffLater } from "@/ui/later";
import { Why } from "@/ui/problem";
import classes from "./signedout.module.css";

export const useStanding = (): Standing => useSyncExternalStore(whose.watch, () => whose.standing);

/** Windows of this browser tell each other that somebody signed in or out; nothing else goes this way. */
const channel = "advocate-session";
const self = crypto.randomUUID();
export function tellOtherWindows(): void {
  const c = new BroadcastChannel(channel);
  c.postMessage(self);
  c.close();
}

/**
 * Over the page of somebody whose session has ended: nothing of it can be read
 * or done, and all that was begun stays for when they are back. Every request
 * says for whom it is, so that the page does nothing in the name of another who
 * signed in beside it; what was about to leave is called off and given back.
 */
export function SignedOut({ onBack }: { onBack: () => void }) {
  const standing = useStanding();
  const look = useLook();
  const out = standing.is !== "theirs";
  const unnamed = standing.is === "another" && !standing.name;
  const was = useRef(false);
  const queries = useQueryClient();
  useEffect(() => {
    if (out) {
      callOffLater();
      forgetToasts();
    } else if (was.current) {
      void queries.invalidateQueries();
      onBack();
    }
    was.current = out;
  }, [out, queries, onBack]);
  useEffect(() => {
    if (unnamed) void look(); // to say who it is
  }, [unnamed, look]);
  return out ? <Cover standing={standing} look={look} /> : null;
}

/** Asks who is signed in, whenever that may have changed without this page's doing. */
function useLook(): () => Promise<unknown> {
  const queries = useQueryClient();
  const look = useCallback(
    () =>
      queries.fetchQuery({ ...sessionQuery, staleTime: 0, retry: false }).then(
        () => undefined,
        (error: unknown) => error,
      ),
    [queries],
  );
  const ended = useLiveState() === "ended";
  useEffect(() => {
    if (ended) void look();
  }, [ended, look]);
  useEffect(() => {
    const seen = () => {
      if (document.visibilityState === "visible") void look();
    };
    const told = new BroadcastChannel(channel);
    told.onmessage = ({ data }) => data !== self && void look();
    document.addEventListener("visibilitychange", seen);
    addEventListener("focus", seen);
    addEventListener("pageshow", seen);
    return () => {
      told.close();
      document.removeEventListener("visibilitychange", seen);
      removeEventListener("focus", seen);
      removeEventListener("pageshow", seen);
    };
  }, [look]);
  return look;
}

function Cover({ standing, look }: { standing: Standing; look: () => Promise<unknown> }) {
  const { t } = useTranslation("app");
  const { name } = useSession();
  const [asking, setAsking] = useState(false);
  const [failed, setFailed] = useState<unknown>();
  const box = useRef<HTMLDialogElement>(null);
  // A modal dialog of the browser's own: all else is inert, dialogs and toasts of the page too.
  // Nothing closes it: where the browser does not know closedby (before 2025), it opens again.
  const open = () => {
    if (!box.current?.open) box.current?.showModal();
  };
  useEffect(open, []);
  const ask = async () => {
    setAsking(true);
    setFailed(undefined);
    const error = await look();
    const said = error instanceof ApiError && (error.status === 401 || error.code === anotherCode);
    if (!said) setFailed(error); // here: a toast would stand under the cover
    setAsking(false);
  };
  const other = standing.is === "another" ? standing.name : "";
  return (
    <dialog
      ref={box}
      className={classes.cover}
      aria-labelledby="out-title"
      closedby="none"
      onCancel={(e) => e.preventDefault()}
      onClose={open}
    >
      <h2 id="out-title" className={classes.title}>
        {other ? t("out.otherTitle", { name: other }) : t("out.title")}
      </h2>
      <Text size="sm">{other ? t("out.otherText", { name, other }) : t("out.text")}</Text>
      <Group mt="md">
        <Button component="a" href="/sign-in" target="_blank" rel="noopener">
          {other ? t("out.signInAs", { name }) : t("out.signIn")}
        </Button>
        <Button variant="default" loading={asking} onClick={() => void ask()}>
          {t("out.back")}
        </Button>
        {other && (
          <Button variant="subtle" onClick={() => location.reload()}>
            {t("out.goOnAs", { name: other })}
          </Button>
        )}
      </Group>
      {failed !== undefined && (
        <Text component="div" size="sm" c="var(--bad)" mt="sm" role="alert">
          <Why error={failed} />
        </Text>
      )}
    </dialog>
  );
}
