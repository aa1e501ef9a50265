package playbook

import "embed"

//go:embed scenarios/*.yaml
var scenarioFiles embed.FS

// DefaultScenarios returns the scenario files of the default playbook, by
// file name.
func DefaultScenarios() map[string][]byte {
	out := map[string][]byte{}
	entries, err := scenarioFiles.ReadDir("scenarios")
	if err != nil {
		return out // embedded: it is there
	}
	for _, e := range entries {
		if b, err := scenarioFiles.ReadFile("scenarios/" + e.Name()); err == nil {
			out[e.Name()] = b
		}
	}
	return out
}
