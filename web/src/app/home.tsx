import { Button } from "@mantine/core";
import { IconMapOff } from "@tabler/icons-react";
import { Link, Navigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useSession } from "@/api/session";
import { Empty } from "@/ui/states";
import { homeOf } from "./nav";

export function Home() {
  return <Navigate to={homeOf(useSession())} replace />;
}

export function NotFound() {
  const { t } = useTranslation("app");
  return (
    <Empty
      icon={<IconMapOff />}
      title={t("lost.title")}
      text={t("lost.text")}
      action={
        <Button component={Link} to="/" variant="default">
          {t("lost.home")}
        </Button>
      }
    />
  );
}
