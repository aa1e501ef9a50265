import { useNames } from "@/api/queries/person";

/** A colleague by their name; whose login nobody knows goes by it. */
export function Person({ login }: { login: string }) {
  return <>{useNames()(login)}</>;
}
