package main

// A picture is one print of the workshop and what the newsroom must know of it.
type picture struct {
	name     string
	w, h     int
	draw     func(*sheet)
	headline string
	caption  string
	alt      string
}

// prints lists the workshop's whole stock.
func prints() []picture {
	const w, h = 1600, 1067
	return []picture{
		{
			"ferry", w, h, ferry, "The night ferry comes home",
			"The ferry from Venn leaves the Sound behind at sunrise, 50 minutes after casting off.",
			"Woodblock print of a white and blue passenger ferry with a red funnel on a calm sea, a red sun rising behind hills.",
		},
		{
			"harbour-crane", w, h, harbourCrane, "Crane seven at work",
			"Crane seven lifts a crate from the quay into a lighter at Eastquay.",
			"Woodblock print of a blue and red harbour crane lifting a crate over a small boat under a red sky.",
		},
		{
			"market", w, h, market, "Market day",
			"Fish and late apples under the awnings of Lowmarket, an hour before noon.",
			"Woodblock print of market stalls with striped awnings, fish and fruit, and customers in winter coats.",
		},
		{
			"bridge-rain", w, h, bridgeRain, "Rain on the bridge",
			"Walkers with umbrellas cross the Tilers’ Bridge in a downpour.",
			"Woodblock print of people with coloured umbrellas crossing an arched wooden bridge in slanting rain.",
		},
		{
			"tram", w, h, tram, "The tram in the street",
			"A tram of the new line on a test run, with passengers waiting at the kerb.",
			"Woodblock print of a red and white tram seen from the front between rows of tiled houses.",
		},
		{
			"fireworks", w, h, fireworks, "Fireworks over the bay",
			"Fireworks above the bay, watched from lantern boats.",
			"Woodblock print of four bursts of fireworks over dark hills and boats hung with lanterns.",
		},
		{
			"council-hall", w, h, councilHall, "The council votes",
			"Members raise their hands in the council chamber at Tile Square.",
			"Woodblock print of a council chamber from the back: rows of members, some with a hand raised, before the mayor’s desk and a red banner.",
		},
		{
			"mayor-profile", h, w, mayorProfile, "The mayor",
			"The mayor with the chain of office.",
			"Woodblock portrait in profile of a woman with black hair in a knot, a pearl earring, a red scarf and a gold chain of office.",
		},
		{
			"fisher-profile", h, w, fisherProfile, "An old hand",
			"A fisherman of Skarne in oilskins, with his pipe.",
			"Woodblock portrait in profile of a bearded fisherman in a yellow sou’wester with a pipe, the sea behind him.",
		},
		{
			"lighthouse", w, h, lighthouse, "The light at Odo Point",
			"The light at Odo Point sweeps the Sound while a boat comes home.",
			"Woodblock print of a red and white lighthouse on a dark rock at night, its beam crossing the sky.",
		},
		{
			"typhoon-wave", w, h, typhoonWave, "The wave and the wall",
			"A storm wave stands above the sea wall of the Saltings.",
			"Woodblock print of a huge breaking wave with white foam, and a row of small houses behind a sea wall in the rain.",
		},
		{
			"rice-terraces", w, h, riceTerraces, "The terraces",
			"Water stands in the terraces of Upper Arl, stepped down from the village.",
			"Woodblock print of curving green and gold terraces with workers in straw hats, a village and hills behind.",
		},
		{
			"school", w, h, school, "Lunch break",
			"Children play in the school yard at Eastquay.",
			"Woodblock print of a white school with a red roof and children playing ball and skipping rope in the yard.",
		},
		{
			"football", w, h, football, "The header",
			"The ball is on its way; the Tilers’ keeper is, too.",
			"Woodblock print of footballers in red and blue as a ball flies towards a diving keeper before a full stand.",
		},
		{
			"hospital", w, h, hospital, "The night ward",
			"A nurse with her lamp on the night ward of the Harbour Hospital.",
			"Woodblock print of a nurse in white with a lamp between hospital beds, the moon in the window.",
		},
		{
			"bookshop", w, h, bookshop, "The bookshop window",
			"The bookshop’s window late in the evening, with its cat.",
			"Woodblock print of a lit bookshop window full of books with a cat in it, and a man in a hat before a red door.",
		},
		{
			"bakery", w, h, bakery, "Before dawn",
			"A baker draws the first loaves from the oven at the Mill Steps.",
			"Woodblock print of a baker with a long peel before a glowing brick oven, loaves on shelves.",
		},
		{
			"orchestra", w, h, orchestra, "The first bar",
			"The conductor and the orchestra at the opening of the season.",
			"Woodblock print of a conductor from behind with raised arms before rows of musicians and a red curtain.",
		},
		{
			"court", w, h, court, "In court",
			"A hearing before the district court.",
			"Woodblock print of a judge with a white wig under a pair of scales, two advocates and the backs of the public.",
		},
		{
			"wind-turbines", w, h, windTurbines, "Turbines off Pell",
			"The service boat among the turbines of the Pell Bank wind farm.",
			"Woodblock print of white wind turbines standing in the sea and a red service boat with a waving figure.",
		},
		{
			"night-street", w, h, nightStreet, "Lantern night",
			"Lanterns over Rope Street after the rain.",
			"Woodblock print of a narrow street at night with red lanterns, lit windows, a full moon and people with umbrellas.",
		},
		{
			"snow-street", w, h, snowStreet, "First snow",
			"One set of footprints in the first snow of the year.",
			"Woodblock print of a figure in red with an umbrella in a snowy street, footprints behind, a bare tree in front.",
		},
		{
			"train-station", w, h, trainStation, "The hourly train",
			"Passengers wait on the platform at Haskirk.",
			"Woodblock print of a red train at a covered platform with a clock and waiting passengers.",
		},
		{
			"mountain-hut", w, h, mountainHut, "The hut on the ridge",
			"The hut on Mount Ishka, open until the pass closes.",
			"Woodblock print of a red mountain hut under deep snow, a walker with a pack and a sharp white peak behind.",
		},
		{
			"swimmers", w, h, swimmers, "The winter swimmers",
			"Winter swimmers in red and blue caps off the old jetty.",
			"Woodblock print of swimmers in red and blue caps in a blue sea, two people watching from a jetty, a low sun.",
		},
		{
			"cat", h, h, catOnSill, "The tram cat",
			"The cat that rode the tram to the depot, home again.",
			"Woodblock print of a tortoiseshell and white cat with a red collar on a window sill, a red sun and roofs behind.",
		},
		{
			"factory", w, h, factory, "The tile works",
			"The kilns of the tile works on Kiln Hill.",
			"Woodblock print of three red chimneys with smoke over saw-tooth roofs, kiln mouths and stacks of tiles.",
		},
		{
			"crowd-square", w, h, crowdSquare, "On Tile Square",
			"Thousands stand before the clock tower on Tile Square.",
			"Woodblock print of a dense crowd with red banners on a square before a clock tower, strings of lanterns above.",
		},
		{
			"library", w, h, library, "In the reading room",
			"The reading room of the city library on a weekday afternoon.",
			"Woodblock print of tall shelves of books, a ladder with a librarian in red, readers at a table and a large arched window.",
		},
		{
			"boatyard", w, h, boatyard, "The last wooden hull",
			"The hull on the slip, its planking half done.",
			"Woodblock print of shipwrights around the ribs and planks of a wooden hull in an open shed by the water.",
		},
		{
			"orchard", w, h, orchard, "Late apples",
			"Pickers in the orchards of the Hask valley.",
			"Woodblock print of apple pickers with a ladder and crates of red apples between rows of trees.",
		},
		{
			"observatory", w, h, observatory, "The open dome",
			"The dome of the observatory on Mount Ishka, open to a clear night.",
			"Woodblock print of a white observatory dome on a dark mountain with its telescope out, under a sky full of stars.",
		},
	}
}
