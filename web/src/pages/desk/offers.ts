import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, onceKey, takeWhole } from "@/api/client";
import { ApiError } from "@/api/problem";
import type { ReservationView } from "@/api/schema";
import { showError, useAct } from "@/ui/act";
import { itemQuery, nameOf } from "./data";

type Answering = ReadonlyMap<string, "accepting" | "rejecting">;

/** Accepting and rejecting offers. A rejected one goes to somebody else, so that it waits a little before it is said. */
export function useOffers() {
  const queries = useQueryClient();
  const navigate = useNavigate();
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
  const readAgain = useCallback(() => queries.invalidateQueries({ queryKey: ["agents", "me"] }), [queries]);
  /** An offer that is over by now is no mistake of anybody's. */
  const failed = useCallback(
    async (error: unknown) => {
      if (error instanceof ApiError && error.status === 409)
        notifications.show({ message: t("offer.over"), color: "gray", autoClose: 6000 });
      else showError(error);
      await readAgain();
    },
    [readAgain, t],
  );

  const accept = useCallback(
    async (offer: ReservationView) => {
      mark(offer.id, "accepting");
      try {
        const item = await takeWhole(
          api.POST("/v1/reservations/{id}/accept", {
            params: { path: { id: offer.id }, header: { "Idempotency-Key": onceKey() } },
          }),
        );
        const { customer_name, handle } = offer.work_item;
        queries.setQueryData(itemQuery(item.body.id).queryKey, {
          ...item,
          body: { ...item.body, customer_name, handle },
        });
        await navigate({ to: "/desk/$item", params: { item: item.body.id } });
        await readAgain();
      } catch (error) {
        await failed(error);
      } finally {
        mark(offer.id);
      }
    },
    [failed, mark, navigate, queries, readAgain],
  );

  const reject = useCallback(
    (offer: ReservationView, note: string) => {
      mark(offer.id, "rejecting");
      later({
        text: t("offer.rejecting", { name: nameOf(offer.work_item) }),
        undone: () => mark(offer.id),
        until: offer.until,
        run: async ({ keepalive }) => {
          try {
            await takeWhole(
              api.POST("/v1/reservations/{id}/reject", {
                params: { path: { id: offer.id }, header: { "Idempotency-Key": onceKey() } },
                body: { note },
                keepalive,
              }),
            );
            await readAgain();
          } catch (error) {
            await failed(error);
          }
          mark(offer.id);
        },
      });
    },
    [failed, later, mark, readAgain, t],
  );
  return { answering, accept, reject };
}
