import { Button } from "@mantine/core";
import { IconPlugConnectedX, IconShieldLock } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Navigate, useLocation } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { ApiError } from "@/api/problem";
import { sandboxQuery } from "@/api/queries/sandbox";
import { sessionQuery } from "@/api/session";
import { Empty, Loading } from "@/ui/states";
import { Outside } from "./outside";
import { Shell } from "./shell";

/** Decides between the console, the sandbox that is open to all, and signing in. */
export function Root() {
  const { t } = useTranslation("app");
  const { pathname } = useLocation();
  const session = useQuery(sessionQuery);
  const status = (session.error as ApiError | null)?.status;
  if (session.data?.restricted) {
    return (
      <Empty
        icon={<IconShieldLock />}
        title={t("restricted.title")}
        text={t("restricted.text")}
        action={
          <Button component="a" href="/account">
            {t("restricted.go")}
          </Button>
        }
      />
    );
  }
  if (session.data) return <Shell />; // it says itself where the session has ended since
  if (status === 401) return pathname === "/sandbox" ? <Outside /> : <SignedOut path={pathname} />;
  if (session.error) return <Down retry={() => void session.refetch()} />;
  return <Loading />;
}

/** Somebody without a session who opened the console's start in a demo sees its sandbox. */
function SignedOut({ path }: { path: string }) {
  const sandbox = useQuery({
    ...sandboxQuery,
    enabled: path === "/",
    retry: false,
  });
  const away = path !== "/" || sandbox.isError;
  useEffect(() => {
    if (away) location.replace(`/sign-in?next=${encodeURIComponent(path)}`);
  }, [away, path]);
  return sandbox.data ? <Navigate to="/sandbox" replace /> : <Loading />;
}

function Down({ retry }: { retry: () => void }) {
  const { t } = useTranslation("app");
  useEffect(() => {
    const timer = setInterval(retry, 3000);
    return () => clearInterval(timer);
  }, [retry]);
  return (
    <div role="alert">
      <Empty
        icon={<IconPlugConnectedX />}
        title={t("down.title")}
        text={t("down.text")}
        action={
          <Button variant="default" onClick={retry}>
            {t("line.retry")}
          </Button>
        }
      />
    </div>
  );
}
