package ingest

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/clean"
)

// tokenKind is a kind of identifier. Every kind has its own key, so that equal
// texts of two kinds have unrelated tokens.
type tokenKind int

const (
	bookingKind tokenKind = iota
	memberKind
	emailKind
	phoneKind
	nameKind
	responseKind
	actKind
	moveKind
	tokenKinds // how many there are
)

// tokenKindNames are part of the derivation of keys: a change changes every
// token of every project.
var tokenKindNames = [tokenKinds]string{"booking", "member", "email", "phone", "name", "response", "act", "move"}

const minKeyBytes = 16

// Tokenizer makes tokens under a project's key. It is safe for concurrent use;
// each goroutine makes tokens with its own [Tokenizer.Worker].
//
// A token is the first 64 bits, big endian, of
//
//	HMAC-SHA-256(HKDF-SHA-256(key, info "kankei/v1/<kind>"), message)
//
// as a signed integer (RFC 2104, RFC 5869), 1 if those are 0: 0 says that there
// is no identifier.
type Tokenizer struct {
	keys [tokenKinds][]byte
}

// NewTokenizer derives the keys of all kinds from the project's key, which must
// have at least 16 bytes.
func NewTokenizer(key []byte) (*Tokenizer, error) {
	if len(key) < minKeyBytes {
		return nil, errShortKey(len(key))
	}
	t := &Tokenizer{}
	for kind, name := range tokenKindNames {
		derived, err := hkdf.Key(sha256.New, key, nil, "kankei/v1/"+name, sha256.Size)
		if err != nil {
			return nil, fmt.Errorf("key of %s tokens: %w", name, err)
		}
		t.keys[kind] = derived
	}
	return t, nil
}

// Worker gives a maker of tokens for one goroutine.
func (t *Tokenizer) Worker() *TokenWorker {
	w := &TokenWorker{}
	for kind, key := range t.keys {
		w.macs[kind] = hmac.New(sha256.New, key)
	}
	return w
}

// TokenWorker makes tokens on one goroutine. It normalises what it is given and
// keeps neither the text nor its normal form longer than until the next call.
type TokenWorker struct {
	macs    [tokenKinds]hash.Hash // keyed once; Reset goes back to the keyed state
	message []byte
	sum     [sha256.Size]byte
}

// Booking is the token of a booking number within its scope, usually the name of
// the source; 0 if id has no usable form ([clean.NormalID]).
func (w *TokenWorker) Booking(scope, id string) int64 { return w.scoped(bookingKind, scope, id) }

// Member is the token of a membership number within the platform that issued it.
func (w *TokenWorker) Member(scope, id string) int64 { return w.scoped(memberKind, scope, id) }

// Response is the token of the number of a survey response or observation.
func (w *TokenWorker) Response(scope, id string) int64 { return w.scoped(responseKind, scope, id) }

// Act is the token of the number of an activity record.
func (w *TokenWorker) Act(scope, id string) int64 { return w.scoped(actKind, scope, id) }

// Move is the token of the number of a migration record.
func (w *TokenWorker) Move(scope, id string) int64 { return w.scoped(moveKind, scope, id) }

// Email is the token of an e-mail address; 0 if it is unusable
// ([clean.NormalEmail]).
func (w *TokenWorker) Email(s string) int64 {
	return w.token(emailKind, clean.AppendNormalEmail(w.message[:0], s))
}

// Phone is the token of a telephone number; 0 if it is unusable
// ([clean.NormalPhone]).
func (w *TokenWorker) Phone(s string) int64 {
	return w.token(phoneKind, clean.AppendNormalPhone(w.message[:0], s))
}

// Name is the token of a name, its kana and the year of birth, as far as they
// are given: kana "" and birthYear 0 stand for not given. The token is 0 if
// neither name nor kana is; dated says that it includes a year of birth.
func (w *TokenWorker) Name(name, kana string, birthYear int32) (token int64, dated bool) {
	message := clean.AppendNormalName(w.message[:0], name)
	message = append(message, 0)
	message = clean.AppendNormalKana(message, kana)
	if len(message) == 1 {
		return 0, false
	}
	message = append(message, 0)
	if birthYear > 0 {
		message = strconv.AppendInt(message, int64(birthYear), 10)
	}
	return w.token(nameKind, message), birthYear > 0
}

// scoped is the token of scope, a zero byte and the normalised id.
func (w *TokenWorker) scoped(kind tokenKind, scope, id string) int64 {
	message := append(w.message[:0], scope...)
	message = append(message, 0)
	prefix := len(message)
	message = clean.AppendNormalID(message, id)
	if len(message) == prefix {
		return 0
	}
	return w.token(kind, message)
}

// token is the token of a message, 0 of an empty one. It takes over the message
// as the buffer of the next.
func (w *TokenWorker) token(kind tokenKind, message []byte) int64 {
	w.message = message
	if len(message) == 0 {
		return 0
	}
	mac := w.macs[kind]
	mac.Reset()
	mac.Write(message)
	return firstBits(mac.Sum(w.sum[:0]))
}

// firstBits is the first 64 bits of a digest as a token.
func firstBits(sum []byte) int64 {
	if token := int64(binary.BigEndian.Uint64(sum)); token != 0 {
		return token
	}
	return 1
}

// Identity is a digest of the tokens of one row, for comparing them at once: the
// first 64 bits of SHA-256 over member, e-mail, phone and name token, 8 bytes
// big endian each. It is 0 only if all four are.
func Identity(t schemas.Tokens) int64 {
	tokens := [...]int64{t.Member, t.Email, t.Phone, t.Name}
	if tokens == [4]int64{} {
		return 0
	}
	var message [8 * len(tokens)]byte
	for i, token := range tokens {
		binary.BigEndian.PutUint64(message[8*i:], uint64(token))
	}
	sum := sha256.Sum256(message[:])
	return firstBits(sum[:])
}

// Fingerprint identifies a key without telling it: 16 bytes derived from it by
// HKDF-SHA-256 under info "kankei/v1/fingerprint", in hex. No token key can be
// found from it, but a guess at a weak key can be checked: keep it where the
// project's state is kept.
func Fingerprint(key []byte) string {
	derived, err := hkdf.Key(sha256.New, key, nil, "kankei/v1/fingerprint", 16)
	if err != nil {
		panic("ingest: HKDF of 16 bytes: " + err.Error()) // only a wrong length fails
	}
	return hex.EncodeToString(derived)
}

// KeyError says that a project key is unusable and what to do. It never holds
// the key or a part of it.
type KeyError struct{ text schemas.Text }

func (e *KeyError) Error() string { return e.text.EN }

// Message is the error in Japanese ("ja") or English.
func (e *KeyError) Message(lang string) string { return e.text.In(lang) }

func keyError(ja, en string) error {
	const (
		doJA = "「kankei init」で新しい鍵を作るか、32バイトの乱数を16進64桁で与えてください(例: openssl rand -hex 32)。"
		doEN = "make a new key with kankei init, or give 32 random bytes as 64 hex digits (such as openssl rand -hex 32 prints)"
	)
	return &KeyError{schemas.Text{JA: "鍵: " + ja + "。" + doJA, EN: "key: " + en + "; " + doEN}}
}

func errShortKey(bytes int) error {
	return keyError(
		fmt.Sprintf("%dバイトしかありません(%dバイト以上必要)", bytes, minKeyBytes),
		fmt.Sprintf("only %d bytes, want at least %d", bytes, minKeyBytes))
}

// ParseKey reads a project key as KANKEI_KEY or the key file holds it: 64 hex
// digits, base64 (either alphabet, padded or not) of at least 32 bytes, or else
// any one line of at least 16 bytes, used as it is. Spaces and line ends around
// it do not count.
func ParseKey(text string) ([]byte, error) {
	text = strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	switch {
	case text == "":
		return nil, keyError("空です", "empty")
	case strings.ContainsAny(text, "\r\n"):
		return nil, keyError("複数行あります(1行であること)", "has several lines, want one")
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return nil, keyError("テキストではありません", "not text")
	}
	if key, err := hex.DecodeString(text); err == nil && len(key) == 32 {
		return key, nil
	}
	if key, ok := decodeBase64(text); ok && len(key) >= 32 {
		return key, nil
	}
	if len(text) < minKeyBytes {
		return nil, errShortKey(len(text))
	}
	return []byte(text), nil
}

// decodeBase64 reads both alphabets of RFC 4648, with padding or without.
func decodeBase64(text string) ([]byte, bool) {
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	key, err := base64.RawStdEncoding.Strict().DecodeString(text)
	return key, err == nil
}

// NewKey makes a project key of 32 random bytes, as 64 hex digits.
func NewKey(random io.Reader) (string, error) {
	var key [32]byte
	if _, err := io.ReadFull(random, key[:]); err != nil {
		return "", fmt.Errorf("random bytes for a new key: %w", err)
	}
	return hex.EncodeToString(key[:]), nil
}
