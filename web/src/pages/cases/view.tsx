import { Loading } from "@/ui/states";

/**
 * Everything about one case: the post as it looked, who wrote it, what the
 * advocate did, and what a person can do about it. It fills its parent.
 */
export function CaseView({ id }: { id: string }) {
  return <Loading key={id} />;
}
