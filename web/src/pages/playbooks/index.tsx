export { ApprovalsPage } from "./approvals";
export { PlaybookPage } from "./playbook";
export { PlaybooksPage } from "./playbooks";
