"""What the fairy tales of the sample set are made of: names, places, and the beats of each theme.

`[one|other]` is a choice, `{h.name}` a word of the story: `h` is its hero, `f` the friend. Ways to
say something stand in paragraphs of their own.
"""

from __future__ import annotations


def _ways(text: str) -> tuple[str, ...]:
    """Return the paragraphs of a text, each on one line."""
    return tuple(" ".join(each.split()) for each in text.strip().split("\n\n"))


def _plots(text: str) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return the beats of each theme; `# ` begins a theme, `--` parts beats."""
    found = {}
    for part in text.strip().removeprefix("# ").split("\n# "):
        theme, _, beats = part.partition("\n")
        found[theme] = tuple(_ways(beat) for beat in beats.split("\n--\n"))
    return found


HE, SHE = ("he", "him", "his"), ("she", "her", "her")
PEOPLE = (
    ("Anna", "girl", SHE), ("Tom", "boy", HE), ("Mira", "shepherd", SHE),
    ("Oskar", "miller", HE), ("Lena", "fisher", SHE), ("Jonas", "baker", HE),
    ("Ida", "weaver", SHE), ("Peter", "woodcutter", HE), ("Clara", "gardener", SHE),
    ("Emil", "clockmaker", HE), ("Rosa", "potter", SHE), ("Hans", "ferryman", HE),
)  # fmt: skip
ANIMALS = (
    ("Rusty", "fox", HE), ("Grey", "wolf", HE), ("Pip", "mouse", SHE), ("Bramble", "hedgehog", HE),
    ("Olive", "owl", SHE), ("Moss", "bear", HE), ("Willow", "deer", SHE), ("Ash", "raven", HE),
    ("Fern", "frog", SHE), ("Hazel", "squirrel", SHE), ("Otto", "otter", HE),
    ("Nettle", "goat", SHE),
)  # fmt: skip

PLACES = (
    "a village by the sea", "a small house at the edge of the forest", "a valley between two hills",
    "a town with seven bridges", "an old mill by the river", "a hut on the windy moor",
    "a garden behind the castle", "a lighthouse on a rock", "a farm under the mountain",
    "a street of narrow houses",
)  # fmt: skip
FAR = (
    "the glass mountain", "the end of the river", "the island in the mist", "the market of stars",
    "the sleeping castle", "the other side of the moor", "the tallest tree in the world",
    "the cave of echoes", "the house of the north wind",
)  # fmt: skip
THINGS = (
    "silver key", "wooden flute", "red lantern", "golden button", "blue stone", "copper bell",
    "little mirror", "woollen scarf", "brass compass", "clay cup", "silk ribbon", "old map",
)  # fmt: skip
GOODS = ("bread", "honey", "apples", "a warm soup", "a pot of tea", "nuts and berries", "cheese")
TRAITS = ("brave", "curious", "quiet", "kind", "patient", "clever", "cheerful", "honest", "shy")
RULERS = (
    ("the king", HE), ("the queen", SHE), ("the giant", HE), ("the witch of the well", SHE),
    ("the dragon", HE), ("the troll under the bridge", HE), ("the rich merchant", HE),
)  # fmt: skip

OPENINGS = _ways("""
[Once upon a time|Long ago|In the old days|When the moon was still young], there [lived|was] a
{h.trait} {h.kind} [called|named] {h.name} [who lived in|whose home was] {place}.

In {place} there lived a {h.trait} {h.kind}. [{h.His} name was {h.name}|Everybody called {h.him}
{h.name}].

There was once a {h.kind} [named|called] {h.name}, and nobody far and wide was as {h.trait} as
{h.he} was. {h.He} lived in {place}.

{h.name} was a {h.trait} {h.kind}. {h.He} lived in {place}, [where the days were long|and {h.he}
was never in a hurry|with a cat that slept all day].
""")

DAYS = _ways("""
[Every morning|Each day|In all weathers] {h.he} [swept the floor and opened the window|looked at
the sky and whistled|carried water from the spring|counted the clouds|sat on the doorstep and
listened].

{h.He} had [little|not much|only a bed, a table and a chair], but {h.he} [was content|shared it
with everybody|never complained].

[The neighbours|The birds|The children] [liked|loved] {h.him}, because {h.he} [always had time for
a story|never said an unkind word|could keep a secret].
""")

MEETINGS = _ways("""
On the way {h.he} met {f.name} the {f.kind}, who [sat on a stone|was mending a net|could not cross
the stream|was singing to the trees].

Behind [the next hill|an old oak|a broken gate] stood {f.name}, a {f.trait} {f.kind}.

[Before long|After a while|At the crossroads] a {f.kind} came along. It was {f.name}, whom
everybody knew as a {f.trait} soul.
""")

TALKS = _ways("""
“[Where are you going|What are you looking for|Why do you look so sad]?” asked {f.name}. “[I will
tell you|It is a long story|Listen],” said {h.name}, and told {f.him} everything.

“[I will come with you|Let me help you|Two see more than one],” said {f.name}, [and took {h.him}
by the hand|and that was that|before {h.name} could answer].

{f.name} [thought for a moment|scratched {f.his} ear|smiled]. “[Nobody should go alone|I know the
way|Then we shall go together],” {f.he} said.
""")

SHARING = _ways("""
They [shared|ate] {goods} and [rested under a tree|watched the sun go down|talked until the stars
came out].

{h.name} had {goods} in {h.his} bag, and [half of everything was for {f.name}|there was enough for
two].

At night they slept [in the hay|beside a small fire|under an old cart], and {f.name} [kept
watch|told stories|dreamed of the sea].
""")

#: A story ends in one or two of these, each in one of its ways.
ENDINGS = tuple(
    _ways(text)
    for text in (
        """
[From that day on|Since then] {h.name} and {f.name} were [friends|the best of friends|never far
from each other].

{h.name} [lived happily for many years|never forgot that day], and [so did {f.name}|was welcome
everywhere].
""",
        """
[Whoever has a friend|Whoever shares a loaf|Whoever asks the way], [people say in that country|as
{f.name} liked to say], [never walks alone|will not get lost].

That is why [they still tell this story on long evenings|nobody there laughs at a {f.kind}|every
{h.kind} is greeted with a smile].
""",
        """
And if [they have not gone away|the river still runs|the old clock still ticks], they [live there
still|are there to this day].

And that is [the end of the story|all I know of it|how it was, and no other way].
""",
    )
)

TITLES = {
    "journey": ("{h.name} and {far}", "The {h.kind} who went to {far}", "The long way to {far}"),
    "lost thing": ("The lost {thing}", "{h.name} and the {thing}", "Who has the {thing}?"),
    "trick": (
        "How {h.name} tricked {ruler}",
        "The {h.kind} and {ruler}",
        "{Ruler} and the {thing}",
    ),
    "gift": ("A gift for {f.name}", "The {h.kind}'s gift", "What {h.name} gave away"),
    "storm": ("The night of the storm", "{h.name} and the great storm", "The light in the storm"),
    "wish": ("{h.name}'s wish", "One wish too many", "The {h.kind} who made a wish"),
}

#: The beats of each theme, each with its ways to be told.
PLOTS = _plots("""
# journey
One day {h.he} heard of {far}. [Nobody had ever come back from there|It was said that the wind was
born there|Old people spoke of it in a low voice].

A [traveller|swallow|sailor] told {h.him} of {far}, and from then on {h.name} could [not
sleep|think of nothing else].
--
So {h.he} [packed|took] {h.his} {thing} and {goods}, [locked the door|kissed the old dog
goodbye|said farewell] and set out.

{h.He} [left at dawn|walked for three days], with nothing but a {thing} in {h.his} pocket.
--
The road went [up and down|through dark woods|along a river without bridges]. [Rain fell|It grew
cold|The path became narrow], but {h.name} went on.

They crossed [seven hills|a swamp|a forest of white birches] and [lost|found] the way [twice|again
and again].
--
At last they stood before {far}. [There was no treasure|It was smaller than they had thought|It
shone in the evening light], and [from up there they could see their own roofs|the silence was as
wide as the sky].

When they reached {far}, {ruler} [opened the gate|was waiting for them]. “[What do you want|Why
have you come]?” “[Only to see it|We wanted to know],” said {h.name}. {Ruler} laughed, and let
them in.
--
They stayed [for a week|until the moon was full], and then went home, because [nothing is as far
away as home|somebody had to feed the hens].

“[Now I know|It was worth every step],” said {h.name}, and they [turned back|began the long way
home].
# lost thing
{h.He} owned a {thing} that [{h.his} grandmother had given {h.him}|had come from far away|shone in
the dark]. One [morning|evening] it was gone.

The dearest thing {h.he} had was a {thing}. But one day, [after a storm|at the market|by the
well], {h.he} lost it.
--
{h.He} looked [under the bed|in every drawer|behind the stove] and [in the grass|along the
path|down the well], but the {thing} was [nowhere|not there].

{h.name} asked [the hens|the postman|the wind]. Nobody had seen the {thing}.
--
“[Things that are lost|What is gone] must be somewhere,” said {f.name}. “[Think of the last time
you had it|Let us go back the way you came].”

{f.name} had [sharp eyes|a good nose|a lot of patience], and together they searched [the whole
valley|every corner|until it was dark].
--
[In the end|On the third day] they found it in the [nest of a magpie|pocket of an old coat|hands
of a crying child]. [It was dusty but whole|It looked smaller than before].

There it lay, [beside the brook|between two roots|on the windowsill], as if it had [never been
away|waited for them].
--
{h.name} was so glad that {h.he} [danced|laughed out loud|forgot to be tired]. But
then {h.he} gave the {thing} to {f.name}. “[You found it|Now it is yours],” {h.he} said.

“How good,” said {h.name}, and hung the {thing} [over the door|on the wall], where [everyone could
see it|it hangs today].
# trick
In those days {ruler} [took half of every harvest|let nobody cross the bridge|wanted to have
everything], and [all were afraid|nobody dared to speak].

One day {ruler} came and said: “[Give me your {thing}|Tomorrow I shall eat you|This land is mine
now].” [Everyone trembled|The hens fell silent].
--
But {h.name} was not only {h.trait}; {h.he} [could think|had an idea|had once read a book].

{h.name} [sat down and thought|slept on it for a night]. Then {h.he} [smiled|began to whistle].
--
“[Great one|Dear neighbour|Mighty one],” said {h.name}, “I will give you all I have, if you can
[carry water in a sieve|tell me what I am thinking|count the stars before morning].”

{h.He} went to {ruler} with a {thing}. “Look into it,” said {h.he}. “It shows [the wisest person
in the world|somebody who is even stronger than you].”
--
{Ruler} tried and tried, [all night long|until the cock crowed|and grew redder and redder]. It was
[no use|in vain].

{Ruler} [looked|listened], and [grew pale|began to doubt], while {f.name} [hid behind the door and
laughed|held {f.his} breath].
--
So {ruler} had to [go away|keep the promise|ask for mercy], and [was never seen again|everybody
got back what was theirs].

In the end {ruler} [laughed too|packed up and left], for [even a giant is tired some day|nobody
likes to look foolish twice].
# gift
It was [the coldest winter|the day before the feast], and {h.name} had [nothing to give|no more
than a {thing}].

Once a year everybody in the land brought {ruler} a gift. {h.name} had [only a {thing}|nothing of
gold].
--
[On the road|At the gate] {h.he} saw {f.name}, who was [hungry|cold|tired]. “[I have not eaten for
two days|Could you spare a little],” said {f.name}.

Then there was a knock at the door. Outside stood {f.name} the {f.kind}, [wet to the bone|with
snow on {f.his} back].
--
{h.name} did not think long. {h.He} [gave {f.him} {goods}|made a bed by the fire], and [the
{thing} as well|asked for nothing].

“Come in,” said {h.name}, and shared {goods} and [the warm place by the stove|the last candle].
--
In the morning {f.name} was gone. But on the table lay [three feathers|a small seed|a song written
on a leaf].

“[Who gives is rich|I shall not forget this],” said {f.name}, and [bowed|went away without a
sound].
--
When spring came, [a tree grew before the house|the garden was full of flowers], and its
[fruit|blossoms] [shone like lamps|fed the whole village].

And {ruler}, who had heard of it, said: “[This is the finest gift of all|Nobody has brought me
anything better].”
# storm
One autumn [the clouds came from the sea|the sky turned black|the wind began to howl], and [the
old people closed their shutters|the birds flew low].

It was [in the night|on market day] that the great storm came. It [tore at the roofs|bent the
tallest trees].
--
{h.name} [heard a cry|saw a light] [from the river|in the woods|out on the water], took {h.his}
{thing} and ran.

“[Somebody is out there|We must help],” said {h.name}. {h.He} lit a lamp and [went out|opened the
door against the wind].
--
There sat {f.name}, [on a branch above the flood|in a boat without oars], and [shivered|called for
help].

It was {f.name} the {f.kind}, who had [lost the way|fallen into a ditch].
--
“Hold on to my [hand|scarf|rope]!” cried {h.name}. [Three times|Again and again] the wave came,
and [at the third try|at last] {h.he} pulled {f.him} [ashore|out].

{h.name} [waded through the water|climbed up in the rain], and carried {f.name} home [on {h.his}
back|in {h.his} coat].
--
By morning the storm was over. They [drank tea|mended the roof] [together|side by side], and the
sun [rose over the wet fields|came through the window].

When the wind grew tired, there was {goods} for both of them, and [outside the thrush began to
sing|the fire did not go out].
# wish
One evening {h.he} [found a {thing} in the sand|helped an old woman across the stream], and a
voice said: “You have [one wish|three wishes].”

In the well behind the house lived [a spirit|a silver fish]. “[Wish for something|Tell me what you
want],” it said to {h.name}.
--
{h.name} wished for [gold|a house with a hundred rooms|wings]. And [there it was|so it happened]
[before {h.he} could blink|with a clap of thunder].

“I would like to be [as strong as {ruler}|rich|able to fly],” said {h.name}, [without thinking|a
little too quickly].
--
At first {h.he} was [happy|proud]. But [the house was empty|gold cannot be eaten|up there it was
lonely], and [nobody came to visit|the nights were long].

Soon {h.he} saw that [people were afraid of {h.him}|old friends stayed away|nothing tasted of
anything].
--
Then {f.name} came by. “[Are you happy|What do you miss most]?” {f.he} asked. {h.name} [said
nothing|wept|looked at the floor].

“[You had all you needed|I liked you better before],” said {f.name} the {f.kind}.
--
So {h.name} asked [the voice|for one thing more]: “Let it be as it was.” And [the {thing} turned
to dust|the bread was warm again|everything was where it belonged].

{h.name} gave [everything back|all of it away], kept [the {thing}|nothing but a warm coat], and
[slept well for the first time|laughed again].
""")
