package main

import (
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func init() { cobra.AddTemplateFunc("alignedFlags", alignedFlags) }

var (
	flagLine     = regexp.MustCompile(`^( +-.*?) {3,}(.*)$`)
	defaultValue = regexp.MustCompile(` \(default (.*)\)$`)
)

// alignedFlags describes flags in Japanese, one a line. pflag aligns the descriptions by bytes; here
// they are by the width that the text takes on a terminal, where kanji are two columns wide.
func alignedFlags(flags *pflag.FlagSet) string {
	var t table
	for line := range strings.Lines(flags.FlagUsages()) {
		if m := flagLine.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil {
			t.add(m[1], defaultValue.ReplaceAllString(m[2], "（省略時 $1）"))
		}
	}
	var b strings.Builder
	t.print(&b)
	return b.String()
}

// usageErrors are cobra's and pflag's messages about commands, flags and arguments,
// which are in English alone, with what they say in Japanese.
var usageErrors = []struct {
	en *regexp.Regexp
	ja string
}{
	{regexp.MustCompile(`(?s)^unknown command "(.*?)" for "kankei"\s+Did you mean this\?\s+(\S+)\s.*$`), "$1 というコマンドはありません。$2 のことですか（kankei help で一覧）"},
	{regexp.MustCompile(`(?s)^unknown command "(.*?)" for "kankei"$`), "$1 というコマンドはありません（kankei help で一覧）"},
	{regexp.MustCompile(`(?s)^unknown command "(.*?)" for "kankei (\S+)"$`), "kankei $2 は「$1」のような引数を取りません（kankei $2 --help）"},
	{regexp.MustCompile(`^requires at least (\d+) arg\(s\), only received \d+$`), "引数が足りません。$1 個以上必要です（--help で使い方）"},
	{regexp.MustCompile(`^accepts (\d+) arg\(s\), received (\d+)$`), "引数は $1 個です（$2 個あります。--help で使い方）"},
	{regexp.MustCompile(`^unknown (?:shorthand )?flag: (.*)$`), "$1 というフラグはありません（--help で使い方）"},
	{regexp.MustCompile(`^flag needs an argument: (.*)$`), "$1 には値が必要です（--help で使い方）"},
	{regexp.MustCompile(`(?s)^invalid argument "(.*)" for "(.*)" flag: date .*want YYYY-MM-DD$`), "$2 の値「$1」は日付ではありません（年-月-日、例: 2026-03-31）"},
	{regexp.MustCompile(`(?s)^invalid argument "(.*)" for "(.*)" flag: strconv.*$`), "$2 の値「$1」は数ではありません"},
	{regexp.MustCompile(`(?s)^invalid argument "(.*)" for "(.*)" flag: (.*)$`), "$2 の値「$1」は使えません（$3）"},
}

// usageError is such a message in the language of the call; any other stays as it is.
func usageError(message, lang string) string {
	if lang != "ja" {
		return message
	}
	for _, e := range usageErrors {
		if e.en.MatchString(message) {
			return e.en.ReplaceAllString(message, e.ja)
		}
	}
	return message
}
