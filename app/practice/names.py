"""Names of people and places, put together by hand from common given and family names.

Long and short ones, with accents, hyphens and apostrophes, because rosters have them all and
software trips over them. Order matters: a changed list is another district (see state.GENERATOR).
"""

import unicodedata
from functools import lru_cache

from .dice import Dice


def _words(text: str) -> tuple[str, ...]:
    """The words of a text; an underscore stands for a space inside a name."""
    return tuple(word.replace("_", " ") for word in text.split())


GIRLS = _words(
    """
    Abigail Aaliyah Adriana Aïsha Alejandra Amara Amina Ana Anaïs Andrea Anika Anna Anya Aria
    Ava Beatriz Bianca Brianna Camila Carmen Caroline Catalina Charlotte Chiara Chloé Clara
    Daniela Daphne Delilah Diana Eleanor Elena Elif Eliza Elizabeth Ella Elodie Emilia Emma
    Esmé Esther Eva Evelyn Fatima Fernanda Freya Gabriela Genevieve Gianna Grace Guadalupe
    Hadiya Hailey Hannah Harper Helena Ida Imani Ines Ingrid Isabella Ivy Jade Jasmine Jia
    Josephine Julia Kaia Katarzyna Kayla Keiko Khadija Kiara Lan Layla Leilani Lena Leticia
    Lily Linh Lucía Lucy Luz Mackenzie Madison Maite Malia María Mariam Mei Mia Mila Min-ji
    Naomi Natalia Nia Nicole Noor Nora Nyla Olivia Olena Paloma Penelope Priya Quinn Rachel
    Renée Riley Rosa Ruby Sadia Samantha Sana Sara Savannah Scarlett Selin Siobhán Sofía
    Sophie Stella Tamika Thi Valentina Victoria Violet Wren Ximena Yara Yuki Zahra Zoë Zuri
    """
)

BOYS = _words(
    """
    Aarav Abdul Adam Adrián Ahmed Aidan Alejandro Alexander Amir Andre Andrés Ángel Anthony
    Antonio Arjun Asher Bao Benjamin Björn Brandon Bruno Caleb Cameron Carlos Cedric Charles
    Christian Christopher Connor Daniel Dante Darius David Demetrius Deshawn Diego Dmitri
    Dominic Dylan Eduardo Elijah Elliot Emeka Emmanuel Enzo Ethan Ezekiel Felipe Felix
    Finn François Gabriel George Giovanni Grayson Hamza Hassan Hector Henry Hiro Hugo Hudson
    Ibrahim Isaac Isaiah Ivan Jackson Jaden Jamal James Javier Jayden Jean-Luc Jeremiah Jin
    João Joaquín Jorge José Joshua Juan Julian Kai Kareem Kenji Kofi Kwame Leo Leonardo Levi
    Liam Logan Luca Lucas Łukasz Malik Marcus Mario Mateo Matthew Max Micah Miguel Minh
    Mohammed Nathaniel Nicolás Noah Noé Omar Oscar Owen Pablo Patrick Pedro Quang Rafael
    Raj Ravi René Ricardo Robert Rohan Ryan Samir Samuel Santiago Sean Sebastián Seo-jun
    Sergei Silas Søren Stefan Tariq Theodore Thomas Trevon Tuan Tyler Victor Vikram Wei
    William Xavier Yusuf Zachary Zaid
    """
)

FAMILIES = _words(
    """
    Abara Abdi Acosta Adams Adeyemi Aguilar Ahmed Ali Allen Álvarez Anderson Andersson Arroyo
    Ávila Baker Banerjee Barnes Bauer Begum Bell Bennett Bernard Bianchi Blake Bondarenko
    Brooks Brown Bui Burke Butler Campbell Cárdenas Carter Castillo Castro Chan Chang Chaudhry
    Chávez Chen Cho Choi Clark Cohen Coleman Collins Contreras Cooper Cruz Cunningham Dang
    D'Angelo D'Souza Das Davis De_León Delgado Desai Diallo Díaz Diop Dominguez Dubois
    Dunn Edwards Ellis Eriksen Espinoza Estrada Evans Farah Ferrari Fernandes Fernández
    Fischer Fitzgerald Fleming Flores Fofanah Ford Foster Franklin Freeman Fuentes Gallagher
    García Garza Gebremariam Gibson Gómez González Goldberg Graham Grant Gray Green Griffin
    Gupta Gutiérrez Guzmán Haddad Hall Hansen Harris Hassan Hayes Henderson Hernández Herrera
    Hill Ho Hoang Hoffman Horvat Howard Huang Hughes Hunter Hussein Huynh Ibarra Iyer Jackson
    Jacobs Jain James Jansen Jensen Jiménez Johansson Johnson Jones Joshi Juárez Kaplan Kaur
    Kelly Khan Kim King Kovač Kowalski Kumar Lam Larsen Le Lee Levy Lewis Li Lim Lin Liu Long
    López Lozano Mahmoud Maldonado Marshall Martin Martínez Mbeki McAllister McDonald Medina
    Mehta Mejía Mendoza Meyer Miller Mitchell Mohamed Molina Montgomery Moore Morales Moreno
    Morgan Moreau Müller Muñoz Murphy Myers Nakamura Navarro Nelson Ng Ngô Nguyen Nkosi
    Novak Nowak Núñez O'Brien O'Connor O'Neill Ochoa Okafor Okonkwo Oliveira Olsen Ortega
    Ortiz Osei Owens Ozturk Pacheco Padilla Park Parker Patel Pearson Peña Pereira Perez Perry
    Petersen Petrov Pham Phillips Popescu Powell Quintero Rahman Ramírez Ramos Reed Reid Reyes
    Reynolds Richardson Ríos Rivera Roberts Robinson Rodríguez Rojas Romero Rosales Rossi Ruiz
    Russell Ryan Saeed Salazar Salinas Sánchez Sandoval Santos Sato Schmidt Schneider Serrano
    Shah Shapiro Sharma Silva Simmons Singh Smith Sokolova Soto Spencer Stewart Suárez Sullivan
    Suzuki Takahashi Tanaka Taylor Tesfaye Thao Thomas Thompson Torres Tran Traoré Trujillo
    Turner Valdez Van_der_Berg Vargas Vásquez Vega Velasco Vu Wagner Walker Wallace Wang Ward
    Washington Watanabe Watson Weber Webster White Williams Wilson Wong Wood Wright Wu Xiong
    Yamamoto Yang Yilmaz Young Yousef Zamora Zhang Zhao Zhou Żuławski
    """
)

# Combined by people, not by us: long ones that overflow a column.
LONG_FAMILIES = (
    "Papadimitriou-Konstantinidis",
    "Núñez-Okafor",
    "de la Cruz y Montenegro",
    "Wolfeschlegelsteinhausen",
    "Ramanathapuram-Venkatesan",
    "Featherstonehaugh-Abernathy",
)

# The name as its bearer writes it; stands in preferredFirstName.
OWN_SCRIPT = {
    "Ahmed": "أحمد",
    "Amina": "أمينة",
    "Amir": "أمير",
    "Fatima": "فاطمة",
    "Hamza": "حمزة",
    "Hassan": "حسن",
    "Jia": "佳",
    "Jin": "진",
    "Keiko": "恵子",
    "Kenji": "健二",
    "Khadija": "خديجة",
    "Layla": "ليلى",
    "Mariam": "مريم",
    "Mei": "梅",
    "Min-ji": "민지",
    "Mohammed": "محمد",
    "Noor": "نور",
    "Olena": "Олена",
    "Omar": "عمر",
    "Priya": "प्रिया",
    "Seo-jun": "서준",
    "Sergei": "Сергей",
    "Tariq": "طارق",
    "Wei": "伟",
    "Yuki": "雪",
    "Yusuf": "يوسف",
    "Zahra": "زهراء",
}

SHORT_FORMS = {
    "Abigail": "Abby",
    "Alejandro": "Alex",
    "Alexander": "Alex",
    "Anthony": "Tony",
    "Benjamin": "Ben",
    "Cameron": "Cam",
    "Charlotte": "Charlie",
    "Christopher": "Chris",
    "Daniel": "Danny",
    "Eleanor": "Nell",
    "Elizabeth": "Liz",
    "Gabriela": "Gabi",
    "Guadalupe": "Lupita",
    "Isabella": "Izzy",
    "Jackson": "Jax",
    "Josephine": "Jo",
    "Joshua": "Josh",
    "Matthew": "Matt",
    "Nathaniel": "Nate",
    "Nicolás": "Nico",
    "Penelope": "Penny",
    "Samantha": "Sam",
    "Samuel": "Sam",
    "Theodore": "Teddy",
    "Valentina": "Val",
    "Victoria": "Tori",
    "William": "Will",
    "Zachary": "Zach",
}

DISTRICTS = (
    "Cedar Valley",
    "Harbor Point",
    "Prairie Creek",
    "Stone Ridge",
    "Willow Springs",
    "Three Rivers",
    "Lake Marion",
    "Redwood Hills",
)

SCHOOL_NAMES = _words(
    """
    Lincoln Maple_Grove Riverside Oakwood Washington Sunrise Pine_Hill Jefferson Meadowbrook
    Franklin Lakeview Harriet_Tubman Brookside Cesar_Chavez Highland Rosa_Parks Cottonwood
    Eastgate Willow_Bend Theodore_Roosevelt Garfield Sierra_Vista Fox_Run Martin_Luther_King_Jr.
    Birchwood Mill_Creek Sacajawea Stonebridge Kennedy Palo_Verde Orchard_Park Northside
    Frederick_Douglass Silver_Lake Westfield Juniper Clara_Barton Bayview Chestnut_Street
    Eagle_Rock Sojourner_Truth Whispering_Pines Copper_Canyon Hawthorne Sycamore Elm_Street
    """
)

CITIES = ("Cedar Falls", "Harborview", "Stonington", "Lakemont", "Fairmeadow", "San Pedro Viejo")

# Letters that have no accent to take off.
_PLAIN = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "ß": "ss", "æ": "ae", "ı": "i"}
)


@lru_cache(maxsize=4096)
def account_form(name: str) -> str:
    """A name as account names spell it: small ASCII letters only, and never empty."""
    flat = unicodedata.normalize("NFKD", name.translate(_PLAIN))
    return "".join(letter for letter in flat.lower() if "a" <= letter <= "z") or "x"


def family_name(dice: Dice) -> str:
    """A family name; about one in twelve is made of two, or very long."""
    first = dice.pick(FAMILIES)
    draw = dice.random()
    if draw < 0.045:
        return f"{first}-{dice.pick(FAMILIES)}"
    if draw < 0.075:
        return f"{first} {dice.pick(FAMILIES)}"
    if draw < 0.08:
        return dice.pick(LONG_FAMILIES)
    return first


def school_name(number: int) -> str:
    """The name of the school with this number, from 0; different for every number."""
    turn, place = divmod(number, len(SCHOOL_NAMES))
    if turn == 0:
        return SCHOOL_NAMES[place]
    again, side = divmod(turn - 1, 4)
    name = f"{SCHOOL_NAMES[place]} {('North', 'South', 'East', 'West')[side]}"
    return f"{name} {again + 1}" if again else name
