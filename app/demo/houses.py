"""The providers of Exempelstad, all invented."""

from __future__ import annotations

from app.demo.people import House

MATCHING, PREPARATORY = ("matching",), ("preparatory",)
BOTH = ("matching", "preparatory")

HOUSES = (
    House(
        "Stigfinnarna i Exempelstad",
        "private",
        "Centrum",
        ("sv", "en", "ar"),
        "Vi söker jobb tillsammans med dig. Du träffar samma handledare varje vecka.",
        "We look for work together with you. You meet the same coach every week.",
        BOTH,
        60,
        48,
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
        41,
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
        36,
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
        38,
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
        52,
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
        30,
    ),
)
