using System.Formats.Asn1;
using System.Security.Cryptography;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Revocation.Fetching;

namespace MtlsSidecar.Trust.Tests.Revocation.Crl;

/// <summary>CRLs that nobody known has signed, as whoever answers for a plain http server can send them without end.</summary>
public sealed class UnverifiedCrlTests : CrlHouse
{
    private readonly TestAuthority _impostor = TestAuthority.CreateRoot("Impostor");
    private readonly CrlSourceKey _learned;
    private int _changes;

    public UnverifiedCrlTests()
    {
        Own(_impostor);
        _learned = Learned(Root);
        Store.Changed += _ => _changes++;
    }

    [Fact]
    public void ForgedCrlOfALearnedUrl_ConcernsNobody()
    {
        var leaf = Leaf();
        StatusOf(leaf).Should().Be(RevocationStatus.Unknown);
        var generation = Store.Generation;

        LoadFrom(_learned, Forged(1)).Should().BeNull();

        Store.Generation.Should().Be(generation, "no verdict depends on it");
        _changes.Should().Be(0);
    }

    [Fact]
    public void IndirectForgedCrlOfALearnedUrl_ConcernsNobody()
    {
        LoadFrom(_learned, new TestCrl { Scope = [0x30, 0x03, 0x84, 0x01, 0xFF] }.Sign(_impostor)).Should().BeNull();

        _changes.Should().Be(0);
    }

    [Fact]
    public void CrlOfALearnedUrlByAKnownIssuer_IsToldAtOnce()
    {
        var leaf = Leaf();
        StatusOf(leaf).Should().Be(RevocationStatus.Unknown);

        LoadFrom(_learned, new TestCrl { Entries = [TestCrlEntry.For(leaf)] }.Sign(Issuer));

        _changes.Should().Be(1);
        StatusOf(leaf).Should().Be(RevocationStatus.Revoked);
        _changes.Should().Be(1);
    }

    [Fact]
    public void CrlOfALearnedUrlByAnIssuerMetLater_IsToldWhenItTurnsOutToBeGenuine()
    {
        var leaf = Leaf();
        LoadFrom(_learned, new TestCrl { Entries = [TestCrlEntry.For(leaf)] }.Sign(Issuer));
        _changes.Should().Be(0);
        var generation = Store.Generation;

        StatusOf(leaf).Should().Be(RevocationStatus.Revoked);

        _changes.Should().Be(1);
        Store.Generation.Should().BeGreaterThan(generation);
    }

    [Fact]
    public void UnverifiedCrlOfAFile_IsTold()
    {
        Load(new TestCrl());

        _changes.Should().Be(1);
    }

    [Fact]
    public void ForgedCrlFromTheFuture_SetsNoClock()
    {
        var clock = new TestKit.Time.ManualTimeProvider();
        using var store = new CrlStore(new CrlOptions(), clock);
        store.Changed += _ => _changes++;
        using var buffer = Buffer(new TestCrl { ThisUpdate = clock.GetUtcNow().AddMinutes(1) }.Sign(_impostor));
        store.Load(_learned, buffer).Should().BeNull();

        clock.Advance(TimeSpan.FromMinutes(2));

        _changes.Should().Be(0);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("anchor")]
    public void ForgedAnswersWithoutEnd_LeaveTheLastAndItsPredecessor(string? anchor)
    {
        var source = new CrlSourceKey("http://crl.test/", anchor);
        for (var number = 0; number < 20; number++)
        {
            LoadFrom(source, Forged(number)).Should().BeNull();
        }

        Store.Status.Should().HaveCount(2);
    }

    [Fact]
    public void CrlThatAnEarlierProcessVerified_IsNotDisplacedByForgedOnes()
    {
        var leaf = Leaf();
        using (var settled = Buffer(new TestCrl { Entries = [TestCrlEntry.For(leaf)] }.Sign(Issuer)))
        {
            Store.Load(_learned, settled, isSettled: true).Should().BeNull();
        }

        for (var number = 0; number < 5; number++)
        {
            LoadFrom(_learned, Forged(number));
        }

        StatusOf(leaf).Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public void VerifiedCrlsOfEverNewScopes_AreBounded()
    {
        var leaf = Leaf();
        StatusOf(leaf);
        for (var number = 0; number < 100; number++)
        {
            LoadFrom(_learned, new TestCrl { Scope = Point($"http://crl.test/{number}").AsScope() }.Sign(Issuer)).Should().BeNull();
        }

        Store.Status.Should().HaveCount(65);
    }

    [Fact]
    public void ManyCrlsInOneAnswerOfALearnedUrl_AreRefused()
    {
        var pem = string.Join('\n', Enumerable.Range(0, 17).Select(number => PemEncoding.WriteString("X509 CRL", Forged(number))));

        LoadFrom(_learned, System.Text.Encoding.ASCII.GetBytes(pem)).Should().Contain("more than 16");
        LoadFrom(new CrlSourceKey("file"), System.Text.Encoding.ASCII.GetBytes(pem)).Should().BeNull();
    }

    [Fact]
    public void CrlOfALearnedUrl_CountsOnlyUnderTheAnchorWhoseCertificatesNamedIt()
    {
        var leaf = Leaf();
        LoadFrom(Learned(_impostor), new TestCrl().Sign(Issuer));
        StatusOf(leaf).Should().Be(RevocationStatus.Unknown);

        LoadFrom(_learned, new TestCrl().Sign(Issuer));
        StatusOf(leaf).Should().Be(RevocationStatus.Good);
        _changes.Should().BePositive("the same CRL counts for others now");
    }

    [Fact]
    public void ForgedCrlsInTheIssuersName_LeaveItsOwnItsChecks()
    {
        var leaf = Leaf();
        var newKey = Own(Root.CreateIntermediate());
        for (var reasons = 2; reasons < 32; reasons++)
        {
            Load(new TestCrl { Issuer = Issuer.Certificate.SubjectName, Scope = ForSomeReasons(reasons) }, _impostor);
        }

        Load(new TestCrl(), newKey);

        StatusOf(leaf, newKey.Certificate).Should().Be(RevocationStatus.Good);
    }

    [Theory]
    [InlineData(2, RevocationStatus.Good)]
    [InlineData(30, RevocationStatus.Unknown)]
    public void ForgedCrlsAndCertificatesInTheIssuersName_CostNoMoreThanABoundOfChecks(int lists, RevocationStatus expected)
    {
        // Each CRL alone is far from its own bound. That a peer is unknown which the issuer's own CRL doesn't list shows that not all were tried.
        var leaf = Leaf();
        var crowd = Enumerable.Range(0, 10).Select(_ => Own(TestAuthority.CreateRoot("Test Intermediate")).Certificate).ToArray();
        for (var reasons = 2; reasons < 2 + lists; reasons++)
        {
            Load(new TestCrl { Issuer = Issuer.Certificate.SubjectName, Scope = ForSomeReasons(reasons), Entries = [TestCrlEntry.For(leaf)] }, _impostor);
        }

        Load(new TestCrl());

        StatusOf(leaf, crowd).Should().Be(expected);
        StatusOf(leaf).Should().Be(RevocationStatus.Good);
    }

    [Fact]
    public void CrowdOfKnownKeysWithTheIssuersName_IsNotTriedWholeWhenACrlComes()
    {
        // Whoever answers for a plain http server chooses how often one comes.
        var authorities = Enumerable.Range(0, 20).Select(_ => Own(Root.CreateIntermediate())).ToArray();
        var leaves = authorities.Select(authority => Own(authority.Issue()).Certificate).ToArray();
        foreach (var (authority, leaf) in authorities.Zip(leaves))
        {
            StatusOf(leaf, authority).Should().Be(RevocationStatus.Unknown);
        }

        LoadFrom(_learned, new TestCrl { Entries = [TestCrlEntry.For(leaves[^1])] }.Sign(authorities[^1]));
        _changes.Should().Be(0, "its key is not among the first");

        LoadFrom(_learned, new TestCrl { Entries = [TestCrlEntry.For(leaves[0])] }.Sign(authorities[0]));
        _changes.Should().Be(1, "its key is the first");
        StatusOf(leaves[^1], authorities[^1]).Should().Be(RevocationStatus.Revoked, "what was not tried then is tried when it matters");
    }

    [Fact]
    public void KeyThatDidNotSign_IsNotTriedAgain()
    {
        var list = CrlReader.Read(new TestCrl { Issuer = Issuer.Certificate.SubjectName }.Sign(_impostor));
        var (question, options) = (CrlQuestions.About(Leaf(), Issuer), new CrlOptions());

        CrlCheck.Run(new CrlSet([list]), options, new CrlWatermarks(null), new CrlSignerCandidates(question, options));

        list.IsForeign(Issuer.Certificate.PublicKey.ExportSubjectPublicKeyInfo()).Should().BeTrue();
    }

    [Fact]
    public void KeysOfOneCrl_AreRememberedUpToABound()
    {
        var list = CrlReader.Read(new TestCrl().Sign(Issuer));
        for (byte key = 0; key < 40; key++)
        {
            list.Remember([1, key]);
            list.RememberForeign([2, key]);
        }

        list.Signers.Should().HaveCount(8);
        Enumerable.Range(0, 40).Count(key => list.IsForeign([2, (byte)key])).Should().Be(32);
    }

    private static CrlSourceKey Learned(TestAuthority anchor) => new("http://crl.test/", Convert.ToHexString(SHA256.HashData(anchor.Certificate.RawData)));

    private static NativeBuffer Buffer(byte[] content)
    {
        var buffer = new NativeBuffer(content.Length);
        buffer.Append(content);
        return buffer;
    }

    private static byte[] ForSomeReasons(int reasons)
    {
        var scope = new AsnWriter(AsnEncodingRules.DER);
        using (scope.PushSequence())
        {
            scope.WriteNamedBitList(new System.Collections.BitArray([reasons << 1]), new Asn1Tag(TagClass.ContextSpecific, 3));
        }

        return scope.Encode();
    }

    private byte[] Forged(int number) => new TestCrl { Issuer = new($"CN=Issuer {number}"), NextUpdate = DateTimeOffset.UtcNow.AddMinutes(-1) }.Sign(_impostor);

    private string? LoadFrom(CrlSourceKey source, byte[] content)
    {
        using var buffer = Buffer(content);
        return Store.Load(source, buffer);
    }
}
