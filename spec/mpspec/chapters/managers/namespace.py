"""Namespace: its attributes, its representation, and the attributes of its proxy."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.managers.chapter import another, chapter, posted_by_a_child, run_in_a_child, workshop
from mpspec.chapters.managers.targets import outcome, post_attribute, set_attribute
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See

NAMESPACE = "multiprocessing.managers.Namespace"

METHOD = "multiprocessing.managers.SyncManager.Namespace"


@chapter.clause("manager.namespace.class", passage=f"{NAMESPACE}/1,3", methods=NO_METHOD)
def its_attributes_are_writable(mp: Any, see: See) -> None:
    """managers.Namespace() is an object without public methods whose attributes can be set and read."""
    space = mp.managers.Namespace()
    public = [name for name in dir(space) if not name.startswith("_") and callable(getattr(space, name))]
    see.equal(public, [], "its public methods")
    space.x = [1]
    see.equal(space.x, [1], "an attribute")


@chapter.clause("manager.namespace.text", passage=f"{NAMESPACE}/4", methods=NO_METHOD)
def its_representation_shows_its_attributes(mp: Any, see: See) -> None:
    """repr() of a Namespace shows the values of its attributes."""
    space = mp.managers.Namespace()
    space.first, space.second = 10, "hello"
    see.true("10" in repr(space) and "'hello'" in repr(space), "the values of the attributes are shown", repr(space))


@chapter.clause("manager.namespace.registered", passage=f"{NAMESPACE}/2")
def it_can_be_registered(mp: Any, see: See) -> None:
    """Namespace can be registered with a SyncManager as a type of one's own."""
    with workshop() as manager:
        place = manager.Place()
        place._callmethod("__setattr__", ("x", 10))
        see.equal(place._callmethod("__getattribute__", ("x",)), 10, "the attribute of the referent")
        see.true("10" in str(place), "str() shows its value", str(place))


@chapter.clause("manager.namespace.shared", passage=(f"{METHOD}/2,1", f"{NAMESPACE}/3"))
def attributes_are_shared(mp: Any, see: See) -> None:
    """What one process sets as an attribute of a shared namespace, another reads."""
    with mp.Manager() as manager:
        space = manager.Namespace()
        space.x = 10
        told = posted_by_a_child(mp, see, post_attribute, space, "x")
        see.equal(told, "returned 10", "the attribute in a child")
        run_in_a_child(mp, see, set_attribute, space, "y", {"a": [1]})
        see.equal(space.y, {"a": [1]}, "an attribute that a child has set")


@chapter.clause("manager.namespace.replaced", passage=(f"{METHOD}/2", f"{NAMESPACE}/3"), methods=ANY_METHOD)
def attributes_are_replaced(mp: Any, see: See) -> None:
    """An attribute of a shared namespace can be set anew; one that is not there raises AttributeError."""
    with mp.Manager() as manager:
        space = manager.Namespace()
        other = another(space)
        for value in (1, 2):
            space.x = value
            see.equal(other.x, value, "the attribute, by another proxy")
        with see.raises(AttributeError):
            other.y  # noqa: B018


@chapter.clause(
    "manager.namespace.deleted",
    passage=(f"{METHOD}/2", "proxy-objects/5"),
    level=SHOULD,
    methods=ANY_METHOD,
)
def attributes_are_deleted(mp: Any, see: See) -> None:
    """An attribute of a shared namespace can be deleted, which raises AttributeError where it is not there."""
    with mp.Manager() as manager:
        space = manager.Namespace()
        space.x = 1
        other = another(space)
        del other.x
        see.true(not hasattr(space, "x"), "it is not there any more")
        with see.raises(AttributeError):
            del space.x


@chapter.clause(
    "manager.namespace.proxy-text",
    passage=(f"{NAMESPACE}/4", "multiprocessing.managers.BaseProxy.__str__/2"),
    methods=ANY_METHOD,
)
def str_of_the_proxy_shows_its_attributes(mp: Any, see: See) -> None:
    """str() of the proxy shows the values of the attributes of the referent."""
    with mp.Manager() as manager:
        space = manager.Namespace()
        space.first, space.second = 10, "hello"
        see.true("10" in str(space) and "'hello'" in str(space), "the values are shown", str(space))


@chapter.clause("manager.namespace.text.form", source=NAMESPACE, level=UNSPECIFIED, methods=NO_METHOD)
def the_form_of_its_representation(mp: Any, see: See) -> None:
    """In which form and order a Namespace shows its attributes, and whether those with an underscore, is left open."""
    space = mp.managers.Namespace()
    space.b, space.a, space._hidden = 1, 2, 3
    see.records(text=repr(space))


@chapter.clause("manager.namespace.underscore", passage=f"{NAMESPACE}/5")
def an_underscore_means_the_proxy(mp: Any, see: See) -> None:
    """An attribute whose name begins with an underscore is one of this proxy: the referent has none of that name."""
    with mp.Manager() as manager:
        space = manager.Namespace()
        other = another(space)
        space.x, space._z = 10, 12.5
        see.equal((space.x, space._z), (10, 12.5), "the attributes by this proxy")
        see.true("12.5" not in str(space), "the representation of the referent does not show it", str(space))
        for proxy in (other, another(other)):
            with see.raises(AttributeError):
                proxy._z  # noqa: B018
        told = posted_by_a_child(mp, see, post_attribute, other, "_z")
        see.equal(told, "AttributeError", "what comes of reading it in a child")


@chapter.clause("manager.namespace.underscore.own", passage=f"{NAMESPACE}/5", methods=ANY_METHOD)
def each_proxy_has_its_own(mp: Any, see: See) -> None:
    """Two proxies of one namespace have each their own attribute of a name that begins with an underscore."""
    with mp.Manager() as manager:
        space = manager.Namespace()
        other = another(space)
        space._z, other._z = 1, 2
        see.equal((space._z, other._z), (1, 2), "the attribute by each of them")


@chapter.clause("manager.namespace.underscore.deleted", passage=f"{NAMESPACE}/5", level=SHOULD, methods=ANY_METHOD)
def what_the_proxy_has_is_deleted_there(mp: Any, see: See) -> None:
    """An attribute whose name begins with an underscore is deleted from this proxy, and from no other."""
    with mp.Manager() as manager:
        space = manager.Namespace()
        other = another(space)
        space._z = other._z = 1
        del space._z
        see.true(not hasattr(space, "_z"), "this proxy has it no more")
        see.equal(other._z, 1, "the attribute of another proxy")


@chapter.clause(
    "manager.namespace.proxies",
    passage=(f"{NAMESPACE}/3", "proxy-objects/9"),
    level=SHOULD,
    methods=ANY_METHOD,
    since="3.6",
)
def an_attribute_may_be_a_proxy(mp: Any, see: See) -> None:
    """An attribute of a shared namespace can hold a proxy of another shared object."""
    with mp.Manager() as manager:
        space = manager.Namespace()
        space.items = manager.list()
        space.items.append("hello")
        see.equal(str(another(space).items), "['hello']", "what the attribute refers to")


@chapter.clause("manager.namespace.arguments", source=NAMESPACE, level=UNSPECIFIED, methods=ANY_METHOD)
def arguments_of_a_namespace(mp: Any, see: See) -> None:
    """Whether Namespace() takes attributes as keyword arguments is left open."""
    with mp.Manager() as manager:
        see.records(here=outcome(lambda: mp.managers.Namespace(x=1).x))
        see.records(shared=outcome(lambda: manager.Namespace(x=1).x))
