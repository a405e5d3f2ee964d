"""The nicknames that people call agents by: given names of the 1920s."""

from __future__ import annotations

__all__ = ["NICKNAMES", "nickname_for"]

NICKNAMES: tuple[str, ...] = tuple(
    """
    Robert John James William Charles George Joseph Richard Edward Donald Thomas Frank Harold Paul Raymond Walter Jack Henry
    Kenneth Arthur Albert David Harry Eugene Ralph Howard Carl Willie Louis Clarence Earl Roy Fred Joe Francis Lawrence Herbert
    Leonard Ernest Alfred Anthony Stanley Norman Gerald Daniel Samuel Bernard Billy Melvin Marvin Warren Michael Leroy Russell
    Leo Andrew Edwin Elmer Peter Floyd Lloyd Ray Frederick Theodore Clifford Vernon Herman Clyde Chester Philip Alvin Lester
    Wayne Vincent Gordon Leon Lewis Charlie Glenn Calvin Martin Milton Jesse Dale Cecil Bill Harvey Roger Victor Benjamin
    Wallace Ronald Sam Allen Arnold Edgar Gilbert Oscar Maurice Luther Hugh Everett Horace Alan Claude Ivan Otis Rufus Silas
    Mary Dorothy Helen Betty Margaret Ruth Virginia Doris Mildred Frances Elizabeth Evelyn Anna Marie Alice Jean Shirley Barbara
    Irene Marjorie Florence Lois Martha Rose Lillian Louise Catherine Eleanor Patricia Gladys Annie Josephine Thelma Edna Norma
    Pauline Lucille Edith Gloria Ethel Phyllis Grace Hazel June Bernice Marion Dolores Rita Lorraine Ann Esther Beatrice Juanita
    Clara Jane Geraldine Sarah Emma Joan Joyce Nancy Katherine Gertrude Elsie Julia Agnes Wilma Marian Bertha Eva Willa Audrey
    Theresa Vivian Wanda Laura Charlotte Ida Elaine Anne Marilyn Kathryn Maxine Kathleen Viola Pearl Vera Bessie Myrtle Alma
    Beverly Violet Nellie Ella Lillie Jessie Eileen Ellen Lucy Minnie Sylvia Rosemary Stella Velma Harriet Mabel Cora Opal Ada
    """.split()
)


def nickname_for(identity: str) -> str:
    """The nickname that goes with an id; the same one each time.

    It is drawn from the last bytes of the id, so that two agents whose short
    ids are alike do not share a nickname as well.
    """
    return NICKNAMES[int(identity[-8:], 16) % len(NICKNAMES)]
