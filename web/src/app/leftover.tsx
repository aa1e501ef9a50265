import { Button, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { now as atServer } from "@/api/clock";
import { conversationQuery } from "@/api/queries/case";
import { useSession } from "@/api/session";
import { leftKey, takeLeft, wasSent } from "@/pages/cases/left";

/** A request that a closing page sent is through by then. */
const settleMs = 3000;

/** Tells who comes back of replies that were refused after they had closed the page. */
export function Leftover() {
  const { t } = useTranslation("app");
  const me = useSession();
  const queries = useQueryClient();
  const navigate = useNavigate();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = async () => {
      for (const left of takeLeft(me.id, atServer())) {
        const said = await queries.fetchQuery({ ...conversationQuery(left.case), staleTime: 0 }).catch(() => undefined);
        if (said && wasSent(left, me.login, said)) continue;
        const id = `${left.case} ${left.at}`;
        const go = () => {
          notifications.hide(id);
          void navigate({ to: "/cases/$case", params: { case: left.case } });
        };
        notifications.show({
          id,
          color: "red",
          autoClose: false,
          role: "alert",
          message: (
            <>
              <Text size="sm">{t(said ? "left.refused" : "left.unknown")}</Text>
              <Button size="compact-xs" variant="light" mt={4} onClick={go}>
                {t("left.go")}
              </Button>
            </>
          ),
        });
      }
    };
    const soon = () => {
      clearTimeout(timer);
      timer = setTimeout(() => void tell(), settleMs);
    };
    // A window that is closed while this one is open leaves it here as well.
    const stored = ({ key, newValue }: StorageEvent) => key === leftKey && newValue && soon();
    soon();
    addEventListener("storage", stored);
    return () => {
      clearTimeout(timer);
      removeEventListener("storage", stored);
    };
  }, [me.id, me.login, queries, navigate, t]);
  return null;
}
