"""Made-up rosters of any size for the benches: British names, nobody real.

Forenames: given to many children in Scotland in the last fifteen years, written down from general knowledge
of the National Records of Scotland's yearly tables (names alone are facts; weights are ours: rank to the power -0.6),
then Faker's en_GB list. Surnames: common in Scotland, then Faker's en_GB list. Made from a seed.
"""

import random
from collections.abc import Sequence

from faker.providers.person.en_GB import Provider as British

from postguard.domain.people import Consent, Person, Role, Roster


def _listed(names: str) -> tuple[str, ...]:
    return tuple(names.split())


FORENAMES = _listed(
    """
    Jack Noah Leo James Oliver Harris Rory Luca Theo Alexander Lucas Finlay Archie Brodie Alfie Logan
    Thomas Harry Charlie Lewis Arlo Finn Freddie Jacob Hunter Adam Max William Daniel Callum Oscar
    George Joshua Ethan Muhammad Isaac Nathan Aaron Jamie Angus Cameron Ollie Caleb Samuel Reuben
    Matthew Mason Cole Ruaridh Benjamin Robert David Andrew Michael Joseph Innes Fraser Struan Murray
    Blair Calum Ryan Kai Connor Dylan Liam Tommy Roman Carter Ben Ruairidh Hamish Sonny Harrison Robbie
    Parker Sebastian Jude Louis Jackson Rowan Josh Tyler Elliot Euan Ewan Owen Olivia Emily Isla Freya
    Amelia Ella Ava Sophie Lily Grace Millie Charlotte Evie Aria Lucy Ellie Sophia Jessica Rosie Eilidh
    Ruby Willow Harper Poppy Mia Daisy Emma Isabella Eva Orla Erin Chloe Hannah Robyn Anna Bonnie Maisie
    Layla Hallie Georgia Zara Thea Hollie Maya Mila Esme Skye Holly Katie Abigail Molly Niamh Lola Cara
    Ayda Quinn Florence Iona Summer Rose Hope Faith Ivy Amber Alice Sarah Aoife Lexi Penelope Lottie
    Myla Gracie Nova Autumn Ailsa Matilda Imogen Phoebe Sienna Violet Beth Leah Alba Kayla Abbie Megan
    Jasmine Scarlett Mirren Neve Zoe Clara Maeve Elsie Ayesha Fatima Aisha Zainab Yusuf Ibrahim Ali
    Zuzanna Jakub Oliwia Filip Antoni Maja Kacper Aleksander Hanna Szymon Catriona Mairi Ruairi Eoin
    Seumas Morag Kirsty Fergus Gregor Magnus Torin Ramsay Lachlan Craig Kenzie Kyle Jay May Heather
    Hazel Will Mark Robin Dean Frankie Blake Ellis Reece Corey Zac Zack Taylor Morgan Casey Jordan Alex
    """
)

SURNAMES = _listed(
    """
    Smith Brown Wilson Campbell Stewart Robertson Thomson Anderson Reid MacDonald Scott Murray Taylor
    Clark Ross Watson Morrison Paterson Young Mitchell Walker Fraser Miller McDonald Gray Henderson
    Hamilton Johnston Duncan Graham Ferguson Kerr Davidson Bell Cameron Kelly Martin Hunter Allan
    MacKenzie Grant Simpson MacLeod McKenzie Black Russell Marshall Wallace Craig Wright Gibson Burns
    Kennedy Hughes Gordon Sutherland Sinclair Hill Docherty Gallagher Boyle O'Neill O'Donnell Kaur Singh
    Khan Ahmed Hussain Ali Nowak Kowalski Patel Begum McCallum McLean MacLean McGregor McIntyre McKay
    McMillan McFarlane McArthur Crawford Docherty Rennie Baird Muir Lindsay Jack Aitken Ritchie Sharp
    Cunningham Drummond Boyd Christie Currie Dunn Findlay Forsyth Gilmour Haggerty Irvine Jamieson
    Kilpatrick Laird Munro Nicol Okafor Mensah Adeyemi Chen Wong Nguyen Rossi Fernandez Smith-Jones
    Bell-Reid
    """
)


def pupils(size: int, seed: int = 1, *, schools: int = 1) -> tuple[Person, ...]:
    """That many pupils; full names differ for as long as there are enough of them."""
    chosen = random.Random(seed)
    forenames = list(dict.fromkeys((*FORENAMES, *British.first_names)))
    surnames = list(dict.fromkeys((*SURNAMES, *British.last_names)))
    weights = [(rank + 5) ** -0.6 for rank in range(len(forenames))]
    family = [(rank + 10) ** -0.6 for rank in range(len(surnames))]
    taken: set[str] = set()
    people: list[Person] = []
    while len(people) < size:
        for first, last in zip(
            chosen.choices(forenames, weights, k=size), chosen.choices(surnames, family, k=size), strict=True
        ):
            name = f"{first} {last}"
            if len(people) == size:
                break
            if name in taken and len(taken) < 0.5 * len(forenames) * len(surnames):
                continue
            taken.add(name)
            number = len(people) + 1
            people.append(
                Person(
                    id=f"P{number:06}",
                    name=name,
                    school=f"School {number % schools}" if schools > 1 else None,
                    consent=(Consent(channel="twitter", granted=number % 7 != 0),),
                )
            )
    return tuple(people)


def roster(size: int, seed: int = 1, *, schools: int = 1, staff: Sequence[str] = ()) -> Roster:
    """A roster of made-up pupils."""
    teachers = tuple(Person(id=f"S{n:02}", name=name, role=Role.STAFF) for n, name in enumerate(staff, start=1))
    return Roster(school="Example Primary School", people=pupils(size, seed, schools=schools) + teachers, demo=True)
