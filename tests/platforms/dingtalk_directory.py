"""Who is who and who is where: the old API's look-ups of people, the new one's members of a group.

There is no call that tells a robot who is in any group it was put into. Two come near, for groups made from the
app's own template or with a cool app of its in them: `topapi/im/chat/scenegroup/member/get`, documented
(open_conversation_id, size, cursor → member_user_ids, union_ids of those from outside, has_more, next_cursor;
400020 for any other group); and `im/sceneGroups/members/batchQuery`, known by its generated clients
(openConversationId, maxResults, coolAppCode, nextToken → memberUserIds, hasMore, nextToken), which has no place for
people from outside, so that its answer is no proof that there are none. The permission is that of their neighbour
scenegroup/get, and the code by which the newer refuses other groups is assumed.
"""

from __future__ import annotations

from tests.platforms.dingtalk_api import Refused
from tests.platforms.dingtalk_cards import DingTalkCards
from tests.platforms.dingtalk_state import Chat, Json, User


class DingTalkDirectory(DingTalkCards):
    def do_topapi_v2_user_get(self, body: Json) -> Json:
        return {"result": self._profile(self.space.users.get(body["userid"]))}

    def do_topapi_user_getbyunionid(self, body: Json) -> Json:
        found = [user for user in self.space.users.values() if user.union_id == body["unionid"]]
        user = self._profile(found[0] if found else None)
        return {"result": {"contact_type": 0, "userid": user["userid"]}}

    def do_topapi_v2_user_getbymobile(self, body: Json) -> Json:
        found = [user for user in self.space.users.values() if user.mobile and user.mobile == body["mobile"]]
        return {"result": {"userid": self._profile(found[0] if found else None)["userid"]}}

    def _profile(self, user: User | None) -> Json:
        if user is None or user.left or user.external:
            raise Refused(60121, "找不到该用户")
        return {
            "userid": user.staff_id,
            "unionid": user.union_id,
            "name": user.name,
            "admin": user.admin,
            "active": True,
            **({"mobile": user.mobile} if user.mobile else {}),
        }

    def do_topapi_im_chat_scenegroup_member_get(self, body: Json) -> Json:
        chat = self._old_scene_group(body)
        start, size = int(body["cursor"] or 0), int(body["size"])
        page = [self.space.users[id] for id in chat.members[start : start + size]]
        more = start + size < len(chat.members)
        result = {
            "member_user_ids": [user.staff_id for user in page if not user.external],
            "union_ids": [user.union_id for user in page if user.external],
            "staff_id_nick_map": {user.staff_id: user.name for user in page if not user.external},
            "union_id_nick_map": {user.union_id: user.name for user in page if user.external},
            "has_more": more,
            **({"next_cursor": str(start + size)} if more else {}),
        }
        return {"success": True, "result": result}

    def do_topapi_im_chat_scenegroup_get(self, body: Json) -> Json:
        """Whether strangers find the group, and may join it and read what was said, is among its settings."""
        chat = self._old_scene_group(body)
        settings = {
            "searchable": "1" if chat.public else "0",
            "validation_type": "0" if chat.public else "1",
            "show_history_type": "1" if chat.public else "0",
        }
        result = {"open_conversation_id": chat.id, "title": chat.name, "management_options": settings}
        return {"success": True, "result": result}

    def _old_scene_group(self, body: Json) -> Chat:
        chat = self.space.chats.get(body["open_conversation_id"])
        if chat is None or chat.direct or not chat.bot or not chat.scene:
            raise Refused(400020, "无访问权限")
        return chat

    def do_im_sceneGroups_members_batchQuery(self, body: Json) -> Json:
        chat = self._scene_group(body)
        ids = [id for id in chat.members if not self.space.users[id].external]
        start, size = int(body.get("nextToken") or 0), int(body["maxResults"])
        more = start + size < len(ids)
        answer: Json = {"success": True, "memberUserIds": ids[start : start + size], "hasMore": more}
        return {**answer, "nextToken": str(start + size) if more else ""}

    def _scene_group(self, body: Json) -> Chat:
        chat = self._group(body["openConversationId"])
        if not chat.scene:
            raise Refused("sceneGroupNotFound", "非场景群")
        return chat
