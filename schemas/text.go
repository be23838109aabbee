package schemas

// Text is a message in the two languages of the product.
type Text struct{ JA, EN string }

// In gives the text in lang: Japanese for "ja", English otherwise.
func (t Text) In(lang string) string {
	if lang == "ja" {
		return t.JA
	}
	return t.EN
}
