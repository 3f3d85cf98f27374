"""The providers of Exempelstad, all invented."""

from __future__ import annotations

from app.demo.people import House

MATCHING, PREPARATORY = ("matching",), ("preparatory",)
BOTH = ("matching", "preparatory")

FIRST = (
    House(
        "Stigfinnarna i Exempelstad",
        "private",
        "Centrum",
        ("sv", "en", "ar"),
        "Vi söker jobb tillsammans med dig. Du träffar samma handledare varje vecka.",
        "We look for work together with you. You meet the same coach every week.",
        BOTH,
        60,
        58,
    ),
    House(
        "Lyktvägen Jobbstöd",
        "private",
        "Norrängen",
        ("sv", "so", "en"),
        "Vi hjälper dig med CV, intervju och kontakt med arbetsgivare.",
        "We help you with your CV, interviews and contact with employers.",
        MATCHING,
        40,
        54,
    ),
    House(
        "Kvistfågelns ideella förening",
        "idea_based",
        "Sjösidan",
        ("sv", "fa", "uk"),
        "Hos oss börjar du i lugn takt. Vi är en förening utan vinst.",
        "With us you start at a calm pace. We are a non-profit association.",
        BOTH,
        30,
        50,
    ),
    House(
        "Exempelstads jobbcenter",
        "municipal",
        "Centrum",
        ("sv", "en", "ti", "ar"),
        "Kommunens egen verksamhet. Vi tar emot alla.",
        "The municipality's own service. Everyone is welcome.",
        BOTH,
        80,
        52,
    ),
    House(
        "Mossagläntan Coachning",
        "private",
        "Västerhöjd",
        ("sv", "es"),
        "Vi har många kontakter inom vård, kök och lager.",
        "We have many contacts in care, kitchens and warehouses.",
        MATCHING,
        25,
        63,
        step_free=False,
    ),
    House(
        "Snörosens Arbetskooperativ",
        "idea_based",
        "Norrängen",
        ("sv", "tr", "ar"),
        "Du prövar riktiga arbeten i vårt café och vår verkstad.",
        "You try real work in our café and our workshop.",
        PREPARATORY,
        20,
        47,
    ),
)

# Name, legal form, area, languages, services, places, skill; what they say of themselves follows their kind.
MORE = (
    ("Tallkottens Jobbskola", "private", "Västerhöjd", "sv en", BOTH, 45, 57),
    ("Vindbryggan Arbete", "private", "Centrum", "sv ar so", MATCHING, 40, 60),
    ("Gråsparvens Coachkontor", "private", "Norrängen", "sv fa", MATCHING, 30, 52),
    ("Storkvistens Jobbhjälp", "private", "Sjösidan", "sv es en", MATCHING, 35, 63),
    ("Lingonstigen", "idea_based", "Östermarken", "sv ti", BOTH, 25, 49),
    ("Rönnbärets Vägledning", "private", "Östermarken", "sv uk", MATCHING, 30, 58),
    ("Hjulspåret Karriär", "private", "Centrum", "sv tr", MATCHING, 40, 55),
    ("Tussilago Språk och Jobb", "private", "Norrängen", "sv ar fa so", BOTH, 50, 51),
    ("Kastanjens Utbildning", "private", "Västerhöjd", "sv en", MATCHING, 30, 61),
    ("Blåsippans Arbetsträning", "idea_based", "Sjösidan", "sv", PREPARATORY, 20, 54),
    ("Snödroppen Matchning", "private", "Centrum", "sv uk en", MATCHING, 35, 59),
    ("Lärkvingen Jobbcoacher", "private", "Östermarken", "sv so", MATCHING, 30, 50),
    ("Fyrkappan Kompetens", "private", "Centrum", "sv en es", MATCHING, 45, 57),
    ("Klöverbladet Framåt", "idea_based", "Östermarken", "sv fa ar", BOTH, 30, 53),
    ("Åkerbärets Jobbstudio", "private", "Norrängen", "sv tr en", MATCHING, 30, 60),
)
ABOUT = {
    MATCHING: (
        "Vi hjälper dig att hitta arbetsgivare som söker just dig.",
        "We help you find employers who are looking for you.",
    ),
    PREPARATORY: (
        "Du prövar arbete i liten skala och får stöd varje dag.",
        "You try work on a small scale, with support every day.",
    ),
    BOTH: (
        "Du kan börja med att rusta dig och sedan söka jobb, hos samma handledare.",
        "You can begin by preparing and then look for work, with the same coach.",
    ),
}
HOUSES = (
    *FIRST,
    *(
        House(name, form, area, tuple(languages.split()), *ABOUT[services], services, places, skill)
        for name, form, area, languages, services, places, skill in MORE
    ),
)
