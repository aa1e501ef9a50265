import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, onceKey, take } from "@/api/client";
import { ApiError } from "@/api/problem";
import { meQuery, offersQuery } from "@/api/queries/agent";
import type { ReservationView } from "@/api/schema";
import { useSession } from "@/api/session";
import { anotherCode } from "@/api/whose";
import { showError, useAct } from "@/ui/act";
import { settle } from "@/ui/openwork";
import { nameOf } from "@/ui/workitem";

/** Answered, taken or passed on by others, out of one's reach by now: there is nothing left to answer. */
const isGone = (error: unknown): boolean =>
  error instanceof ApiError &&
  (error.status === 404 || error.status === 403 || error.status === 409) &&
  !error.unknown &&
  error.code !== anotherCode;

type Answering = ReadonlyMap<string, "accepting" | "rejecting">;

/** Accepting and rejecting offers. A rejected one goes to somebody else, so that it waits a little before it is said. */
export function useOffers() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { login } = useSession();
  const { later } = useAct();
  const { t } = useTranslation("desk");
  const [answering, setAnswering] = useState<Answering>(new Map());
  const mark = useCallback((id: string, as?: "accepting" | "rejecting") => {
    setAnswering((was) => {
      const next = new Map(was);
      if (as) next.set(id, as);
      else next.delete(id);
      return next;
    });
  }, []);
  const readAgain = useCallback(() => queries.invalidateQueries({ queryKey: meQuery.queryKey }), [queries]);
  const sayOver = useCallback(
    () => void notifications.show({ message: t("offer.over"), color: "gray", autoClose: 6000 }),
    [t],
  );

  const accept = useCallback(
    async (offer: ReservationView) => {
      mark(offer.id, "accepting");
      try {
        const item = await take(
          api.POST("/v1/reservations/{id}/accept", {
            params: { path: { id: offer.id }, header: { "Idempotency-Key": onceKey() } },
          }),
        );
        settle(queries, login, item, offer.work_item);
        queries.setQueryData(offersQuery.queryKey, (was) => was?.filter((o) => o.id !== offer.id));
        await navigate({ to: "/desk/$item", params: { item: item.id } });
        await readAgain();
      } catch (error) {
        // An offer that is over by now is no mistake of anybody's.
        if (isGone(error)) sayOver();
        else showError(error);
        await readAgain();
      } finally {
        mark(offer.id);
      }
    },
    [login, mark, navigate, queries, readAgain, sayOver],
  );

  const reject = useCallback(
    (offer: ReservationView, note: string) => {
      mark(offer.id, "rejecting");
      later({
        text: t("offer.rejecting", { name: nameOf(offer.work_item) }),
        undone: () => mark(offer.id),
        until: offer.until,
        run: async ({ keepalive }) => {
          // It may have ended while it could still be called off; then nobody is refused anything.
          const still = queries.getQueryData(offersQuery.queryKey)?.some((o) => o.id === offer.id) ?? true;
          if (!still) {
            sayOver();
            mark(offer.id);
            return;
          }
          try {
            const item = await take(
              api.POST("/v1/reservations/{id}/reject", {
                params: { path: { id: offer.id }, header: { "Idempotency-Key": onceKey() } },
                body: { note },
                keepalive,
              }),
            );
            settle(queries, login, item, offer.work_item);
            queries.setQueryData(offersQuery.queryKey, (was) => was?.filter((o) => o.id !== offer.id));
            await readAgain();
          } catch (error) {
            if (!isGone(error)) {
              void readAgain();
              throw error; // told once, and who signs out stays
            }
            sayOver();
            await readAgain();
          }
          mark(offer.id);
        },
      });
    },
    [later, login, mark, queries, readAgain, sayOver, t],
  );
  return { answering, accept, reject };
}
