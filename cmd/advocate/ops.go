package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/console"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/httpapi"
	"github.com/contact-advocate/advocate/internal/outbound"
	"github.com/contact-advocate/advocate/internal/social/sandbox"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/vault"
)

// node is an open store and the engine over it: what operations work on,
// inside a running server or inside a command when no server runs.
type node struct {
	settings   settings
	store      nodeStore
	engine     *engine.Engine
	sandbox    *sandbox.Network              // nil: off
	console    *console.Console              // nil before server
	accounts   map[[2]string]*networkAccount // of the configured networks, by network and account
	unmade     error                         // networks of the configuration that a visit does without
	hooks      map[string]httpapi.Hook       // of a server: the sources of signed webhooks
	outbound   *outbound.Service             // of a server: webhooks that events are posted to
	log        *slog.Logger
	people     *auth.Service
	oidc       *auth.OIDC // nil: off
	vault      *vault.Vault
	encryption encryption
	audit      *auth.AuditLog
	observers  observers
	wakers     wakers
	free       []func() error

	playbookStamp string // of the file when it was read
	playbookNote  error  // what was not well with the playbook at the start
	running       bool   // a server has it
	address       string // the server's
}

// nodeStore is a store that can be checked.
type nodeStore interface {
	store.Store
	Check(ctx context.Context) ([]string, error)
}

// operation is something that a command asks of a node.
type operation func(ctx context.Context, n *node, params []byte) (any, error)

// operations are all of them, by name. The local socket serves exactly these.
var operations map[string]operation

func init() {
	operations = map[string]operation{
		"status":            op(opStatus),
		"import.orders":     op(opImportOrders),
		"import.customers":  op(opImportCustomers),
		"customer.find":     op(opCustomerFind),
		"customer.show":     op(opCustomerShow),
		"customer.export":   op(opCustomerExport),
		"customer.erase":    op(opCustomerErase),
		"customer.merge":    op(opCustomerMerge),
		"customer.unmerge":  op(opCustomerUnmerge),
		"customer.ignore":   op(opCustomerIgnore),
		"agent.list":        op(opAgentList),
		"agent.set":         op(opAgentSet),
		"work-item.list":    op(opWorkItemList),
		"work-item.do":      op(opWorkItemDo),
		"effect.list":       op(opEffectList),
		"effect.do":         op(opEffectDo),
		"switch.list":       op(opSwitchList),
		"switch.set":        op(opSwitchSet),
		"playbook.list":     op(opPlaybookList),
		"playbook.publish":  op(opPlaybookPublish),
		"playbook.activate": op(opPlaybookActivate),
		"explain":           op(opExplain),
		"label.list":        op(opLabelList),
		"report.show":       op(opReportShow),
		"report.rebuild":    op(opReportRebuild),
		"token.create":      op(opTokenCreate),
		"token.list":        op(opTokenList),
		"token.revoke":      op(opTokenRevoke),
		"user.add":          op(opUserAdd),
		"user.list":         op(opUserList),
		"user.change":       op(opUserChange),
		"user.link":         op(opUserLink),
		"network.list":      op(opNetworks),
		"secret.set":        op(opSecretSet),
		"secret.put":        op(opSecretPut),
		"secret.list":       op(opSecretList),
		"secret.delete":     op(opSecretDelete),
		"secret.rotate":     op(opSecretRotate),
		"backup":            op(opBackup),
		"check":             op(opStoreCheck),
	}
	maps.Copy(operations, webhookOperations())
	traceAll(operations)
}

// nothing is what an operation takes or gives that has nothing to say.
type nothing struct{}

// op makes an operation of a typed function. Parameters that mean nothing are
// refused: client and server are the same program, or one of them is old.
func op[P, R any](f func(context.Context, *node, P) (R, error)) operation {
	return func(ctx context.Context, n *node, params []byte) (any, error) {
		var p P
		dec := json.NewDecoder(bytes.NewReader(params))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&p); err != nil {
			return nil, domain.Errorf(domain.CodeInvalid, "parameters: %v; is the server of another version than this command?", err)
		}
		return f(ctx, n, p)
	}
}

// caller is a node that is here or behind a socket.
type caller interface {
	call(ctx context.Context, name string, params, result any) error
	close() error
	remote() bool
}

// connect reaches the running server's node, or opens one. On a database server
// it always opens one: nodes do not mind.
func (g *globals) connect() (caller, error) {
	s, err := g.load()
	if err != nil {
		return nil, err
	}
	s.visiting = true
	if !s.server() {
		if c := dialSocket(s.socket()); c != nil {
			return c, nil
		}
		if err := s.halfRestored(); err != nil {
			return nil, err
		}
		if _, err := os.Stat(s.database()); errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("%s: there is no database yet; \"advocate serve\" or \"advocate migrate\" makes one, --data DIR names another directory%s", s.dir, demoBeside(s.dir))
		}
	}
	n, err := openNode(g.ctx, s, discardLog())
	if errors.Is(err, store.ErrLocked) {
		return nil, fmt.Errorf("%s is in use by another process, which does not answer on %s; wait for it, or stop it", s.dir, s.socket())
	}
	if err != nil {
		return nil, err
	}
	return localCaller{n, g.tellOfKey(&n.settings)}, nil
}

// tellOfKey gives what tells, after a command, that it made the key of a
// cluster's secrets: no node has it.
func (g *globals) tellOfKey(s *settings) func() {
	if !s.server() || !s.vaultKey.IsZero() || exists(s.vaultFile()) {
		return func() {}
	}
	return func() {
		if exists(s.vaultFile()) {
			fmt.Fprintf(g.stderr, "The key that secrets are sealed under was made: %s. Every node needs a copy in its data directory, or \"vault_key\".\n", s.vaultFile())
		}
	}
}

func exists(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}

// demoBeside tells of a demo in a data directory: its commands need its own.
func demoBeside(dir string) string {
	demo := filepath.Join(dir, "demo")
	if _, err := os.Stat(filepath.Join(demo, "advocate.db")); err != nil {
		return ""
	}
	return fmt.Sprintf("; the demo's is --data %s", demo)
}

// ask connects, asks one thing and hangs up.
func ask[R any](g *globals, name string, params any) (R, error) {
	var out R
	c, err := g.connect()
	if err != nil {
		return out, err
	}
	err = c.call(g.ctx, name, params, &out)
	return out, errors.Join(err, c.close())
}

// localCaller runs operations in this process. Parameters and results pass
// through JSON all the same, so that both ways behave alike.
type localCaller struct {
	n   *node
	end func()
}

func (c localCaller) call(ctx context.Context, name string, params, result any) error {
	in, err := json.Marshal(params)
	if err != nil {
		return err
	}
	out, err := operations[name](givenBy(ctx, operator()), c.n, in)
	if err != nil {
		return err
	}
	b, err := json.Marshal(out)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, result)
}

func (c localCaller) remote() bool { return false }

func (c localCaller) close() error {
	c.end()
	return c.n.close()
}

// printJSON writes a value as indented JSON with a newline.
func (g *globals) printJSON(v any) error {
	enc := json.NewEncoder(g.stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// operator is who gives a command by hand.
func operator() string {
	if u := os.Getenv("USER"); u != "" {
		return "cli:" + shorten(u, 40)
	}
	return "cli"
}
