package main

import "kawaraban/internal/comment"

// firstRules are the rules that a new paper's threads begin with, in its
// language; the paper changes them as it likes.
func firstRules(language string) []comment.Rule {
	if language == "ja" {
		return []comment.Rule{
			{Name: "人を攻撃しない", Text: "意見には反対しても、相手を侮辱したり、脅したり、嘲笑したりしないでください。"},
			{Name: "差別をしない", Text: "出自、国籍、信仰、性別、障がい、年齢などを理由に人をおとしめる言葉は載せません。"},
			{Name: "記事の話をする", Text: "記事の内容に関わることを書いてください。話がそれたコメントは削除することがあります。"},
			{Name: "宣伝をしない", Text: "広告、同じ文章の繰り返し、会員を集めるための投稿は載せません。"},
			{Name: "私生活を守る", Text: "他人の住所、電話番号、健康状態など、公開されていない個人の情報を書かないでください。"},
			{Name: "事実を偽らない", Text: "知りながら虚偽を広めたり、他人になりすましたり、投票を組織したりしないでください。"},
		}
	}
	return []comment.Rule{
		{Name: "Argue with what was said, not with who said it", Text: "Contradict as firmly as you like. Insults, threats and mockery of other people are removed, whoever they are aimed at."},
		{Name: "Nobody is less than anybody", Text: "Words that put people down for where they come from, what they believe, whom they love, how old they are or how they were born have no place here."},
		{Name: "Stay with the story", Text: "Write about the article or about what others have said of it. What leads elsewhere may be removed, so that the thread can be read."},
		{Name: "No advertising", Text: "No offers, no campaigns, not the same text again and again, no links that are there to be clicked and not to be read."},
		{Name: "What is private stays private", Text: "No addresses, telephone numbers, illnesses or other things about people that they have not made public themselves."},
		{Name: "Be who you are, and do not make things up", Text: "Do not spread what you know to be false, do not pretend to be somebody else, and do not send others to vote."},
	}
}
