package pipeline

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/kankei/kankei/pipeline/ingest"
)

// keyRecord is state/key.json: under which key the project's pseudonyms are
// made. The fingerprint does not give the key away.
type keyRecord struct {
	Fingerprint string    `json:"fingerprint"`
	FirstSeen   time.Time `json:"first_seen"`
}

// key is the project's secret key from the environment or, where that is not
// set, from the key file.
func (p *Project) key(getenv func(string) string) ([]byte, error) {
	k := p.Config.Key
	if text := getenv(k.Env); text != "" {
		return parseKey("$"+k.Env, text)
	}
	if k.File == "" {
		return nil, &Error{
			Code: ExitMisused, Where: p.Config.At("key"),
			Found: say("鍵がありません: 環境変数 %s が設定されていません", "no key: the environment variable %s is not set", k.Env),
			Do: say("環境変数に鍵を設定するか、key: {file: secrets/kankei.key} で鍵ファイルを指定してください",
				"set it, or name a key file with key: {file: secrets/kankei.key}"),
		}
	}
	path := p.Path(k.File)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, p.missingKey()
	}
	if err != nil {
		return nil, &Error{Code: ExitMisused, Where: k.File, Found: say("鍵ファイルを読めません", "the key file cannot be read"), Err: err}
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, &Error{
			Code: ExitMisused, Where: k.File,
			Found:  say("鍵ファイルを他の利用者が読み書きできます（モード %04o）", "others may read or write the key file (mode %04o)", mode),
			Wanted: say("0600 か、それより厳しいモード", "0600 or stricter"),
			Do:     say("chmod 600 %s", "chmod 600 %s", k.File),
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &Error{Code: ExitMisused, Where: k.File, Found: say("鍵ファイルを読めません", "the key file cannot be read"), Err: err}
	}
	return parseKey(k.File, string(text))
}

func parseKey(where, text string) ([]byte, error) {
	key, err := ingest.ParseKey(text)
	if err != nil {
		return nil, &Error{Code: ExitMisused, Where: where, Found: say("鍵として使えません", "not usable as a key"), Err: err}
	}
	return key, nil
}

func (p *Project) missingKey() error {
	k := p.Config.Key
	return &Error{
		Code: ExitMisused, Where: k.File,
		Found: say("鍵ファイルがなく、環境変数 %s も設定されていません", "there is no key file, and the environment variable %s is not set", k.Env),
		Do: say("保管してある鍵を元の場所に戻してください。新しいプロジェクトなら kankei.yaml で key: {file: %s, create: true} とすると作成されます",
			"put the key back from where you keep it; in a new project, key: {file: %s, create: true} in kankei.yaml makes one", k.File),
	}
}

// createKey makes the key file where the configuration asks for it, the
// environment gives no key, and the project has no state that another key made.
func (p *Project) createKey(getenv func(string) string) error {
	if !p.createsKey(getenv) {
		return nil
	}
	return writeNewKey(p.Path(p.Config.Key.File))
}

// createsKey says whether a run would make the key file.
func (p *Project) createsKey(getenv func(string) string) bool {
	k := p.Config.Key
	return k.Create && getenv(k.Env) == "" && !exists(p.Path(k.File)) && !exists(p.Path("state"))
}

// writeNewKey writes a random key to a file that only its owner may read.
func writeNewKey(path string) error {
	text, err := ingest.NewKey(rand.Reader)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.WriteString(text + "\n"); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// checkKey refuses a key other than the one the project's pseudonyms are made under.
func (p *Project) checkKey(fingerprint string) error {
	var known keyRecord
	if err := readJSON(p.Path("state", "key.json"), &known); err != nil {
		return err
	}
	if known.Fingerprint == "" || known.Fingerprint == fingerprint {
		return nil
	}
	return &Error{
		Code: ExitMisused, Where: "state/key.json",
		Found: say("鍵が違います: このプロジェクトの鍵の指紋は %.16s、渡された鍵の指紋は %.16s です",
			"wrong key: this project's key has the fingerprint %.16s, the one given %.16s", known.Fingerprint, fingerprint),
		Do: say("元の鍵を渡してください。鍵を替えるなら、state/ と work/ のない新しいプロジェクトですべてを読み直してください",
			"give the original key; to change keys, read everything anew in a new project without state/ and work/"),
	}
}

// rememberKey records the fingerprint of the key the first time it is used.
func (p *Project) rememberKey(fingerprint string, now time.Time) error {
	path := p.Path("state", "key.json")
	if exists(path) || p.Vintage != "" {
		return nil
	}
	return p.ReplaceJSON(path, keyRecord{Fingerprint: fingerprint, FirstSeen: now})
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
