"""The three ways to prove an enterprise, each with what refuses it; and that a proof takes seven days."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest

from tests.clamd import FakeClamd, nobody_listens
from tests.conftest import NOW
from tests.factories import files
from tests.factories.claims import ANOTHER, make_domain
from tests.factories.enterprises import FORM, USCC, add_member
from tests.factories.people import keep, make_user, sign_in
from tests.functional.claims.conftest import Desk, World


def test_an_enterprise_starts_unproved_and_is_told_of_three_ways(world: World) -> None:
    party = world.party()
    assert "Not proved yet" in party.home().text
    page = party.page()
    assert all(way in page.text for way in ("By an invitation code", "By the business licence", "By an e-mail address"))


def test_a_code_proves_and_after_seven_days_the_enterprise_is_claimed(world: World) -> None:
    party = world.party()
    page = party.by_code(world.code())
    assert "open to objections" in page.text
    assert "2026-12-01" in page.text
    world.work(days=6)
    assert not world.is_claimed(party)
    world.work(days=1)
    assert world.is_claimed(party)
    assert "Claimed since 2026-12-01." in party.page().text
    assert "Claimed" in party.home().text
    assert {"claim.started", "claim.proved", "claim.confirmed"} < set(world.events(party.tenant.id))
    assert world.letters(party.user) == ["青岛海岳数控机床有限公司 is claimed"]


def test_a_code_is_read_as_people_type_it(world: World) -> None:
    party, code = world.party(), world.code()
    assert "open to objections" in party.by_code(f" {code.lower().replace('-', ' ')} ").text


def test_a_code_is_good_once(world: World) -> None:
    code = world.code()
    world.party().by_code(code)
    assert "was used" in world.party(name="李梅").by_code(code, 422).text


@pytest.mark.parametrize("what", ["unknown", "another enterprise's", "out of date", "replaced"])
def test_an_unfit_code_is_refused_in_the_same_words(world: World, what: str) -> None:
    if what == "out of date":
        world.clock.at -= timedelta(days=60)
    code = "AAAA-BBBB-CCCC" if what == "unknown" else world.code(uscc=ANOTHER if what.startswith("another") else USCC)
    world.clock.at = NOW
    party = world.party()
    if what == "replaced":
        world.code()
    page = party.by_code(code, 422)
    assert "This code does not fit the credit code of the enterprise, was used, or has run out." in page.text
    assert f'value="{code}"' in page.html


def test_the_address_of_a_recorded_domain_proves(world: World) -> None:
    make_domain(world.session, world.clock, "haiyue-cnc.com")
    party = world.party(email="li@haiyue-cnc.com")
    assert "li@haiyue-cnc.com Prove it by this address" in party.page().text
    assert "open to objections" in party.by_address().text
    world.work(days=7)
    assert world.is_claimed(party)


@pytest.mark.parametrize(
    ("email", "words"),
    [
        ("li@haiyue.example", "does not know this domain"),
        ("li@mail.haiyue-cnc.com", "does not know this domain"),
        ("li@qq.com", "Anybody can have an address there"),
        ("li@vip.163.com", "Anybody can have an address there"),
    ],
)
def test_another_address_does_not(world: World, email: str, words: str) -> None:
    make_domain(world.session, world.clock, "haiyue-cnc.com")
    assert words in world.party(email=email).by_address(422).text


def test_the_domain_of_another_enterprise_does_not(world: World) -> None:
    make_domain(world.session, world.clock, "haiyue-cnc.com", uscc=ANOTHER)
    assert "does not know this domain" in world.party(email="li@haiyue-cnc.com").by_address(422).text


def test_an_unconfirmed_person_proves_nothing(world: World) -> None:
    party = world.party()
    user = world.session.get(type(party.user), party.user.id)
    assert user is not None
    user.claimed, user.email = user.email, None
    world.session.commit()
    assert "Confirm your e-mail address" in party.by_code(world.code(), 409).text


def test_a_licence_is_looked_at_by_the_operator_and_then_open_to_objections(world: World, desk: Desk) -> None:
    party = world.party()
    assert "being looked at" in party.by_licence(files.pdf("Licence"), "执照.pdf").text
    world.work()
    assert "青岛海岳数控机床有限公司" in desk.get().text
    claim = world.claim(party)
    desk.review(claim, "accept")
    assert "open to objections" in party.page().text
    world.work(days=7)
    assert world.is_claimed(party)
    assert [name.split(" ")[0] for name in world.letters(party.user)] == ["The", "青岛海岳数控机床有限公司"]


def test_a_licence_that_is_not_accepted_ends_with_a_reason_the_claimant_reads(world: World, desk: Desk) -> None:
    party = world.party()
    party.by_licence()
    world.work()
    desk.review(world.claim(party), "reject", "照片模糊，看不清统一社会信用代码。")
    page = party.page()
    assert "照片模糊，看不清统一社会信用代码。" in page.text
    assert "By an invitation code" in page.text
    assert "claim.refused" in world.events(party.tenant.id)


def test_a_refused_licence_is_destroyed_after_thirty_days(world: World, desk: Desk) -> None:
    party = world.party()
    party.by_licence()
    world.work()
    desk.review(world.claim(party), "reject", "这不是营业执照，请上传营业执照。")
    folder = world.app.config["DATA_DIR"] / "licences" / str(party.tenant.id)
    world.work(days=29)
    assert [path for path in folder.rglob("*") if path.is_file()]
    world.work(days=1)
    assert not [path for path in folder.rglob("*") if path.is_file()]
    assert world.licences()[0].erased_at is not None


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"MZ no licence", "执照.png", "is none of PDF, PNG"),
        (files.office("docx"), "执照.docx", "a picture or a PDF"),
        (files.picture()[:400], "执照.png", "is damaged"),
        (b"", "", "Choose a file first"),
    ],
)
def test_what_is_no_picture_is_refused_with_the_mend(world: World, content: bytes, name: str, words: str) -> None:
    party = world.party()
    assert words in party.by_licence(content, name, 422).text
    assert world.licences() == []
    folder = world.app.config["DATA_DIR"] / "licences" / str(party.tenant.id)
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_malware_is_destroyed_before_anybody_sees_it(world: World, desk: Desk, clamd: FakeClamd) -> None:
    party = world.party()
    bad = io.BytesIO(files.picture() + files.EICAR)
    party.by_licence(bad.getvalue())
    claim = world.claim(party)
    desk.get(f"/{claim.id}/licence", 409)
    world.work()
    desk.get(f"/{claim.id}/licence", 404)
    assert "The malware scanner found something" in party.page().text
    assert world.letters(party.user) == ["The licence of 青岛海岳数控机床有限公司 has been destroyed"]
    folder = world.app.config["DATA_DIR"] / "licences" / str(party.tenant.id)
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_a_silent_scanner_keeps_the_licence_waiting(world: World, desk: Desk) -> None:
    party = world.party()
    world.app.config["CLAMD"] = nobody_listens()
    try:
        party.by_licence()
        world.work()
        desk.review(world.claim(party), "accept", status=409)
        assert "being checked" in desk.get().text
    finally:
        world.app.config["CLAMD"] = None
    world.clock.at += timedelta(minutes=2)
    world.work()
    desk.review(world.claim(party), "accept")


def test_one_proof_at_a_time(world: World) -> None:
    party = world.party()
    party.by_licence()
    assert "A proof is being looked at already" in party.by_code(world.code(), 409).text


def test_a_proof_can_be_taken_back_and_given_anew(world: World) -> None:
    party = world.party()
    party.by_code(world.code())
    assert "By an invitation code" in party.post("withdraw").text
    party.by_code(world.code())
    world.work(days=7)
    assert world.is_claimed(party)
    party.post("withdraw", 404)


def test_five_tries_in_a_month_are_the_most(world: World) -> None:
    party = world.party()
    for _ in range(5):
        party.by_code(world.code())
        party.post("withdraw")
    assert "Five tries in a month are the most" in party.by_code(world.code(), 409).text
    world.clock.at += timedelta(days=31)
    party.by_code(world.code())


def test_a_claimed_enterprise_has_nothing_to_prove_and_keeps_its_code(world: World) -> None:
    party = world.party(is_claimed=True)
    party.by_code(world.code(), 409)
    page = party.browser.post(f"{party.base}/enterprise", FORM | {"uscc": ANOTHER, "name": "新名称"}, 422)
    assert "This credit code is proved and stays." in page.text
    assert 'value="新名称"' in page.html
    party.browser.post(f"{party.base}/enterprise", FORM | {"name": "新名称"})


def test_an_enterprise_that_takes_another_code_has_proved_nothing(world: World) -> None:
    party = world.party()
    party.by_code(world.code())
    party.browser.post(f"{party.base}/enterprise", FORM | {"uscc": ANOTHER})
    world.work(days=7)
    assert not world.is_claimed(party)
    assert world.claim(party).state == "withdrawn"


def test_only_the_owner_proves(world: World) -> None:
    party = world.party()
    editor = make_user(world.session)
    add_member(world.session, party.tenant, editor, "editor", world.clock)
    client = world.app.test_client()
    sign_in(client, editor)
    keep(world.session)
    assert client.get(f"{party.base}/claim").status_code == 403
    home = client.get(f"{party.base}/").text
    assert "Not proved yet" in home
    assert f"{party.base}/claim" not in home


def test_a_zip_with_a_licence_inside_is_none(world: World) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("执照.png", files.picture())
    assert "is none of PDF" in world.party().by_licence(packed.getvalue(), "执照.png", 422).text
