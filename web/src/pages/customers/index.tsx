export { CustomerPage } from "./customer";
export { CustomersPage } from "./search";
