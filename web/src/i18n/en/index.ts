import app from "./app.json";
import cases from "./cases.json";
import connections from "./connections.json";
import customers from "./customers.json";
import desk from "./desk.json";
import guide from "./guide.json";
import history from "./history.json";
import live from "./live.json";
import people from "./people.json";
import playbooks from "./playbooks.json";
import problems from "./problems.json";
import reports from "./reports.json";
import said from "./said.json";
import sandbox from "./sandbox.json";
import ui from "./ui.json";
import why from "./why.json";
import words from "./words.json";

export default {
  app,
  ui,
  words,
  desk,
  live,
  reports,
  customers,
  why,
  playbooks,
  cases,
  connections,
  people,
  said,
  problems,
  sandbox,
  guide,
  history,
};
