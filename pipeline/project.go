package pipeline

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Project is a folder with a kankei.yaml.
type Project struct {
	Workspace
	Config *Config
}

// Open opens the project in dir.
func Open(dir string) (*Project, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	config, err := ReadConfig(abs)
	if err != nil {
		return nil, err
	}
	return &Project{Workspace{Dir: abs}, config}, nil
}

//go:embed init.yaml
var newConfig string

// newIgnore keeps secrets, exports and rebuildable files out of version control.
const newIgnore = `/secrets/
/exports/
/work/
/releases/
/known-on/
`

// Init makes a project in dir: a kankei.yaml to fill in, a key file that only
// its owner may read, and the folders for exports and mappings. It refuses a
// folder that has a kankei.yaml or a key already.
func Init(dir string) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	w := Workspace{Dir: abs}
	for _, name := range []string{ConfigName, "secrets/kankei.key"} {
		if exists(w.Path(name)) {
			return &Error{
				Code: ExitMisused, Where: filepath.Join(dir, name),
				Found: say("すでにあります", "is there already"),
				Do:    say("別のフォルダを指定してください", "name another folder"),
			}
		}
	}
	for _, folder := range []string{"exports", "mappings"} {
		if err := os.MkdirAll(w.Path(folder), 0o777); err != nil {
			return err
		}
	}
	if err := writeNewKey(w.Path("secrets", "kankei.key")); err != nil {
		return err
	}
	if err := writeNew(w.Path(".gitignore"), newIgnore); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return writeNew(w.Path(ConfigName), strings.Replace(newConfig, "PROJECT", projectName(abs), 1))
}

// projectName is the name of the folder as YAML text.
func projectName(dir string) string { return fmt.Sprintf("%q", filepath.Base(dir)) }

// writeNew writes a file that must not be there yet.
func writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(text); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
