import app from "./app.json";
import cases from "./cases.json";
import connections from "./connections.json";
import customers from "./customers.json";
import desk from "./desk.json";
import guide from "./guide.json";
import live from "./live.json";
import people from "./people.json";
import playbooks from "./playbooks.json";
import reports from "./reports.json";
import sandbox from "./sandbox.json";
import ui from "./ui.json";
import why from "./why.json";

export default {
  app,
  ui,
  desk,
  live,
  reports,
  customers,
  why,
  playbooks,
  cases,
  connections,
  people,
  sandbox,
  guide,
};
