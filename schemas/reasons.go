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
}
