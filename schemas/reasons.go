package schemas

// ReasonText is the reason of a rejected row in words, the code itself if it is
// none of ours.
func ReasonText(reason string) Text {
	if text, ok := reasonTexts[reason]; ok {
		return text
	}
	return Text{JA: reason, EN: reason}
}

var reasonTexts = map[string]Text{
	EmptyRow:         {JA: "空の行", EN: "no field has a value"},
	MissingValue:     {JA: "必要な値がない", EN: "a required value is missing"},
	BadDate:          {JA: "日付として読めない", EN: "not a date, or no day of the calendar"},
	AmbiguousDate:    {JA: "日と月のどちらが先か決められない日付", EN: "a date whose day and month could be either way round"},
	BadNumber:        {JA: "数として読めない", EN: "not a number"},
	Negative:         {JA: "負の数", EN: "below zero"},
	UnknownCode:      {JA: "マッピングの values にない値", EN: "a value that the mapping's values do not list"},
	UnknownRegion:    {JA: "訪問先の地域を決められない", EN: "the region visited cannot be decided"},
	WrongFieldCount:  {JA: "列の数が見出しと違う", EN: "more or fewer fields than the header"},
	DatesReversed:    {JA: "終わりの日が始まりの日より前", EN: "the end lies before the beginning"},
	NightsDisagree:   {JA: "泊数がチェックインとチェックアウトの差と違う", EN: "nights is not check-out minus check-in"},
	Undecodable:      {JA: "文字として読めないバイト", EN: "bytes that are no text in the file's encoding"},
	FooterRow:        {JA: "合計や注記の行", EN: "a line of totals or notes"},
	RepeatedHeader:   {JA: "見出しの繰り返し", EN: "the header again"},
	IncompleteAnswer: {JA: "送信されていない途中の回答", EN: "an answer that was begun and never sent"},
	CutOff:           {JA: "行の途中でファイルが終わっている", EN: "the file ends within the row"},
}

// WantedText says what was expected where a row was rejected for a reason, for
// whoever delivered it; nothing for a reason that is none of ours.
func WantedText(reason string) Text { return wantedTexts[reason] }

var wantedTexts = map[string]Text{
	EmptyRow:         {JA: "空の行は無くてかまいません。", EN: "Nothing: a row without values may be left out."},
	MissingValue:     {JA: "この列に値を入れてください。", EN: "A value in this column."},
	BadDate:          {JA: "暦にある日付（例：2026-05-03、2026年5月3日、令和8年5月3日）。", EN: "A day of the calendar, such as 2026-05-03."},
	AmbiguousDate:    {JA: "年を先に書いた日付（例：2026-05-03）。", EN: "A date with the year first, such as 2026-05-03."},
	BadNumber:        {JA: "数（例：2、2名、￥18,100）。", EN: "A number, such as 2 or 18,100."},
	Negative:         {JA: "0以上の数。", EN: "A number of 0 or more."},
	UnknownCode:      {JA: "取り決めた区分のどれか。新しい区分は受け手に知らせてください。", EN: "One of the values agreed on; tell the recipient of new ones."},
	UnknownRegion:    {JA: "都道府県と市区町村の名前か地域コード。施設名なら、施設の台帳にある名前。", EN: "Names of prefecture and municipality, or a region code; of a house, its name in the facility frame."},
	WrongFieldCount:  {JA: "見出しと同じ数の列。区切り文字を含む値は引用符で囲んでください。", EN: "As many fields as the header; values with the delimiter in quotes."},
	DatesReversed:    {JA: "始まりの日以後の、終わりの日。", EN: "An end on or after the beginning."},
	NightsDisagree:   {JA: "チェックアウト日からチェックイン日を引いた泊数。", EN: "Nights that equal check-out minus check-in."},
	Undecodable:      {JA: "UTF-8かShift_JIS（CP932）の文字。", EN: "Text in UTF-8 or CP932 (Shift_JIS)."},
	FooterRow:        {JA: "合計の行は無くてかまいません。", EN: "Nothing: lines of totals may be left out."},
	RepeatedHeader:   {JA: "見出しは先頭だけでかまいません。", EN: "Nothing: the header is needed once."},
	IncompleteAnswer: {JA: "送信された回答。途中の回答は数えません。", EN: "An answer that was sent; others are not counted."},
	CutOff:           {JA: "最後まで届いたファイル。この行より後ろの行も失われているかもしれません。", EN: "The whole file: rows after this one may be lost, too."},
}
