import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { type Permission, useSession } from "@/api/session";

interface GoToProps {
  to: "/customers" | "/connections" | "/people" | "/playbooks" | "/sandbox";
  /** Who has not this right is not sent there. */
  need?: Permission;
  children: ReactNode;
}

/** From an empty page to the one where one goes on. */
export function GoTo({ to, need, children }: GoToProps) {
  const session = useSession();
  if (need && !session.can(need)) return null;
  return (
    <Button variant="default" renderRoot={(p) => <Link to={to} {...p} />}>
      {children}
    </Button>
  );
}
