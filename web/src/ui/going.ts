import { useCallback, useState } from "react";

/** What is being taken away: not shown while it can be called off, back if it was. */
export function useGoing() {
  const [going, setGoing] = useState<ReadonlySet<string>>(new Set());
  const gone = useCallback(
    (id: string, yes: boolean) =>
      setGoing((was) => {
        const next = new Set(was);
        if (yes) next.add(id);
        else next.delete(id);
        return next;
      }),
    [],
  );
  const stays = useCallback((id: string) => !going.has(id), [going]);
  return { gone, stays };
}
