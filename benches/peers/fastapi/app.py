"""What one would write with FastAPI, SQLAlchemy and asyncpg: profile, members and the creation of a team."""

import hashlib
import os
import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel
from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

engine = create_async_engine(os.environ["DATABASE"], pool_size=10, max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


class Base(DeclarativeBase):
    pass


class Organization(Base):
    __tablename__ = "organization"
    organization_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    plan: Mapped[str]
    plan_version: Mapped[str]


class Customer(Base):
    __tablename__ = "customer"
    customer_id: Mapped[str] = mapped_column(primary_key=True)
    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.organization_id"))
    email: Mapped[str]
    name: Mapped[str]
    surname: Mapped[str]
    created_at: Mapped[str]
    organization: Mapped[Organization] = relationship(lazy="raise")


class Team(Base):
    __tablename__ = "team"
    team_id: Mapped[str] = mapped_column(primary_key=True)
    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.organization_id"))
    name: Mapped[str]
    created_at: Mapped[str]


class Membership(Base):
    __tablename__ = "membership"
    team_id: Mapped[str] = mapped_column(ForeignKey("team.team_id"), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customer.customer_id"), primary_key=True)
    role: Mapped[str]
    joined_at: Mapped[str]
    customer: Mapped[Customer] = relationship(lazy="raise")
    team: Mapped[Team] = relationship(lazy="raise")


class Token(Base):
    __tablename__ = "token"
    token_digest: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str]
    organization_id: Mapped[str]
    expires_at: Mapped[str]


class Person(BaseModel):
    customer_id: str
    email: str
    name: str
    surname: str
    full_name: str
    role: str


class Member(Person):
    joined_at: str


class Members(BaseModel):
    data: list[Member]
    next_cursor: str | None


class TeamName(BaseModel):
    team_id: str
    name: str


class Home(BaseModel):
    organization_id: str
    name: str
    plan: str
    plan_version: str


class Profile(Person):
    created_at: str
    team: TeamName
    organization: Home


class CreateTeam(BaseModel):
    name: str


async def session():
    async with sessions() as opened:
        yield opened


Session = Annotated[AsyncSession, Depends(session)]


async def signed_in(session: Session, authorization: Annotated[str, Header()] = "") -> Token:
    digest = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).hexdigest()
    token = await session.get(Token, digest)
    if token is None or token.expires_at <= datetime.now(UTC).isoformat():
        raise HTTPException(401, "token_invalid")
    return token


Caller = Annotated[Token, Depends(signed_in)]


def person(customer: Customer, role: str) -> dict:
    full_name = f"{customer.name} {customer.surname}"
    return dict(customer_id=customer.customer_id, email=customer.email, name=customer.name,
                surname=customer.surname, full_name=full_name, role=role)


@app.get("/v1/customer")
async def profile(session: Session, caller: Caller) -> Profile:
    found = select(Membership).where(Membership.customer_id == caller.customer_id)
    found = found.order_by(Membership.joined_at).limit(1).options(
        selectinload(Membership.team), selectinload(Membership.customer).selectinload(Customer.organization))
    member = (await session.scalars(found)).one()
    home = member.customer.organization
    return Profile(
        **person(member.customer, member.role), created_at=member.customer.created_at,
        team=TeamName(team_id=member.team.team_id, name=member.team.name),
        organization=Home(organization_id=home.organization_id, name=home.name, plan=home.plan,
                          plan_version=home.plan_version))


@app.get("/v1/team/{team_id}/members")
async def members(team_id: str, session: Session, caller: Caller) -> Members:
    if await session.get(Membership, (team_id, caller.customer_id)) is None:
        raise HTTPException(404, "not_found")
    found = select(Membership).where(Membership.team_id == team_id)
    found = found.order_by(Membership.joined_at, Membership.customer_id).limit(50)
    rows = await session.scalars(found.options(selectinload(Membership.customer)))
    return Members(data=[Member(**person(row.customer, row.role), joined_at=row.joined_at) for row in rows],
                   next_cursor=None)


@app.post("/v1/team", status_code=201)
async def create_team(team: CreateTeam, session: Session, caller: Caller) -> dict:
    made = Team(team_id=str(uuid.uuid4()), organization_id=caller.organization_id, name=team.name,
                created_at=datetime.now(UTC).isoformat())
    session.add(made)
    await session.commit()
    shown = {"team_id": made.team_id, "name": made.name, "member_count": 1, "created_at": made.created_at}
    return {"message": f"The team {made.name} is there.", "team": shown}
