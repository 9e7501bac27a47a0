using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Revocation.Fetching;

namespace MtlsSidecar.Trust.Tests.Revocation.Crl;

/// <summary>What another thread does while a question is being answered must not show in the answer, at whatever moment it does it.</summary>
public sealed class CrlRaceTests : CrlHouse
{
    [Fact]
    public void HandshakeThatVerifiesTheCrlMeanwhile_DoesNotHideIt()
    {
        var (leaf, neighbour) = (Leaf(), Leaf());

        AtEveryMoment(
            leaf,
            store => Load(store, "file", new TestCrl()),
            store => store.Check(CrlQuestions.About(neighbour, Issuer)),
            answer => answer.Status.Should().Be(RevocationStatus.Good, answer.Detail));
    }

    [Fact]
    public void HandshakeThatVerifiesCrlsOfTwoKeysMeanwhile_HidesNone()
    {
        var (leaf, neighbour, newKey) = (Leaf(), Leaf(), Own(Root.CreateIntermediate()));

        AtEveryMoment(
            leaf,
            store =>
            {
                Load(store, "stale", new TestCrl { NextUpdate = DateTimeOffset.UtcNow.AddMinutes(-1) });
                Load(store, "new key", new TestCrl { AuthorityKeyIdentifier = [1, 2, 3] }, newKey);
            },
            store => store.Check(CrlQuestions.About(neighbour, Issuer, newKey.Certificate)),
            answer => answer.Status.Should().Be(RevocationStatus.Good, answer.Detail),
            newKey.Certificate);
    }

    [Fact]
    public void CrlThatIsReplacedAndBelievedMeanwhile_LeavesNobodyUnknown()
    {
        var (leaf, neighbour) = (Leaf(), Leaf());

        AtEveryMoment(
            leaf,
            store => Load(store, "file", new TestCrl { Number = 1 }),
            store =>
            {
                Load(store, "file", new TestCrl { Number = 2 });
                store.Check(CrlQuestions.About(neighbour, Issuer));
            },
            answer => answer.Status.Should().Be(RevocationStatus.Good, answer.Detail));
    }

    [Fact]
    public void CrlThatIsReplacedAndBelievedMeanwhile_ClearsNobody()
    {
        // The peer is on the old CRL and on the new one. That the old one no longer counts must not leave the word to the issuer's other CRL.
        var (leaf, neighbour) = (Leaf(), Leaf());

        AtEveryMoment(
            leaf,
            store =>
            {
                Load(store, "file", new TestCrl { Number = 1, Entries = [TestCrlEntry.For(leaf)] });
                Load(store, "other scope", new TestCrl { Number = 1, AuthorityKeyIdentifier = [1, 2, 3] });
            },
            store =>
            {
                Load(store, "file", new TestCrl { Number = 2, Entries = [TestCrlEntry.For(leaf)] });
                store.Check(CrlQuestions.About(leaf, Issuer));
                store.Check(CrlQuestions.About(neighbour, Issuer));
            },
            answer => answer.Status.Should().Be(RevocationStatus.Revoked, answer.Detail));
    }

    [Fact]
    public void CrlThatTurnsOutToBeGenuineWhileAnotherIsReplaced_IsTold()
    {
        // The first try ends at the CRL that was replaced, after the other's signature has been found good.
        var (leaf, neighbour) = (Leaf(), Leaf());
        var told = false;

        AtEveryMoment(
            leaf,
            store =>
            {
                told = false;
                store.Changed += change => told |= change.Lists(CrlQuestions.About(leaf, Issuer).Certificate.Id);
                var onHold = TestCrlEntry.For(leaf) with { Reason = TestCrlEntry.CertificateHold };
                LoadLearned(store, new TestCrl { NextUpdate = DateTimeOffset.UtcNow.AddMinutes(-1), Entries = [onHold] }, Issuer);
                Load(store, "file", new TestCrl { Number = 2, AuthorityKeyIdentifier = [1], Entries = [TestCrlEntry.For(neighbour)] });
            },
            store =>
            {
                Load(store, "file", new TestCrl { Number = 3, AuthorityKeyIdentifier = [2] });
                Load(store, "file", new TestCrl { Number = 4, AuthorityKeyIdentifier = [3] });
            },
            _ => told.Should().BeTrue());
    }

    [Fact]
    public void CrlThatIsLoadedWhileItsIssuerIsMet_IsTold()
    {
        // The issuer's keys have been looked through already, the question doesn't see the CRL yet: its peer must hear of it all the same.
        var leaf = Leaf();
        var told = false;
        var clock = new InterruptedClock();
        using var store = new CrlStore(new CrlOptions(), clock);
        store.Changed += change => told |= change.Lists(CrlQuestions.About(leaf, Issuer).Certificate.Id);
        clock.Interruption = () => store.Check(CrlQuestions.About(leaf, Issuer)).Status.Should().Be(RevocationStatus.Unknown);

        LoadLearned(store, new TestCrl { Entries = [TestCrlEntry.For(leaf)] }, Issuer);

        told.Should().BeTrue();
    }

    [Fact]
    public void SetThatIsReplacedMeanwhile_AllowsACrowdNoFurtherVerifications()
    {
        // Either set alone leaves the crowd below the bound. Both together pass it, when the first has been gone through before it is replaced.
        var (leaf, impostor) = (Leaf(), Own(TestAuthority.CreateRoot("Impostor")));
        var crowd = Enumerable.Range(0, 20).Select(_ => Own(TestAuthority.CreateRoot("Test Intermediate")).Certificate).ToArray();
        var answers = new List<RevocationStatus>();

        AtEveryMoment(
            leaf,
            store =>
            {
                Load(store, "own", new TestCrl());
                LoadForged(store, 0);
            },
            store =>
            {
                Enumerable.Range(0, 4).ToList().ForEach(number => store.Forget(new CrlSourceKey($"forged {number}")));
                LoadForged(store, 4);
            },
            answer => answers.Add(answer.Status),
            crowd);

        answers[0].Should().Be(RevocationStatus.Good, "nothing had been tried before the set was replaced");
        answers.Should().Contain(RevocationStatus.Unknown);

        void LoadForged(CrlStore store, int first)
        {
            foreach (var number in Enumerable.Range(first, 4))
            {
                var forged = new TestCrl { Issuer = Issuer.Certificate.SubjectName, AuthorityKeyIdentifier = [(byte)number], Entries = [TestCrlEntry.For(leaf)] };
                Load(store, $"forged {number}", forged, impostor);
            }
        }
    }

    [Fact]
    public void KeyThatManyHandshakesVerifyAtOnce_IsRememberedOnce()
    {
        var list = CrlReader.Read(new TestCrl().Sign(Issuer));

        list.Remember([1]);
        list.Remember([1]);
        list.RememberForeign([2]);
        list.RememberForeign([2]);
        Enumerable.Range(0, 7).ToList().ForEach(key => list.Remember([3, (byte)key]));
        Enumerable.Range(0, 31).ToList().ForEach(key => list.RememberForeign([4, (byte)key]));

        list.IsSignedBy([3, 6]).Should().BeTrue("the room is for other keys");
        list.IsForeign([4, 30]).Should().BeTrue("the room is for other keys");
    }

    private void AtEveryMoment(
        X509Certificate2 leaf, Action<CrlStore> prepare, Action<CrlStore> meanwhile, Action<RevocationAnswer> verify, params X509Certificate2[] others)
    {
        var question = CrlQuestions.About(leaf, Issuer, others);
        var look = 0;
        InterruptedPath path;
        do
        {
            look++;
            using var store = new CrlStore(new CrlOptions(), TimeProvider.System);
            prepare(store);
            path = new InterruptedPath(question.Path.Certificates);
            var asked = question with { Path = new CertificationPath(path, question.Path.Policies) };
            path.InterruptBefore(look, () => meanwhile(store));
            verify(store.Check(asked));
        }
        while (path.WasInterrupted);

        look.Should().BeGreaterThan(10, "a question looks at its path in many places");
    }

    private void Load(CrlStore store, string source, TestCrl crl, TestAuthority? signer = null) => store.Load(source, crl.Sign(signer ?? Issuer)).Should().BeNull();

    private void LoadLearned(CrlStore store, TestCrl crl, TestAuthority signer)
    {
        var content = crl.Sign(signer);
        using var buffer = new NativeBuffer(content.Length);
        buffer.Append(content);
        store.Load(new CrlSourceKey("http://crl.test/", CrlQuestions.About(Issuer.Certificate, Root).Path.Anchor.Fingerprint), buffer).Should().BeNull();
    }
}
