package store

import (
	"encoding/json"
	"fmt"

	"github.com/contact-advocate/advocate/internal/domain"
)

// AgentKind is the kind of the documents that hold agents. Their ID is the
// agent's, their version the agent's, and their body its JSON.
const AgentKind = "agent"

// AgentOf reads an agent out of its document. What is no document (ID "") is
// no agent.
func AgentOf(d Document) (a domain.Agent, err error) {
	if d.ID == "" {
		return a, nil
	}
	if err := json.Unmarshal(d.Body, &a); err != nil {
		return a, fmt.Errorf("store: agent %q cannot be read: %w", d.ID, err)
	}
	a.ID, a.Version = d.ID, d.Version
	return a, nil
}

// AgentDocument is the other way. Its version is the one that was read.
func AgentDocument(a domain.Agent) (Document, error) {
	body, err := json.Marshal(a)
	return Document{Kind: AgentKind, ID: a.ID, Version: a.Version, Body: body}, err
}
