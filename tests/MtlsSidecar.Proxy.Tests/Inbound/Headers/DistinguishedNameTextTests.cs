using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Proxy.Inbound.Headers;

namespace MtlsSidecar.Proxy.Tests.Inbound.Headers;

public sealed class DistinguishedNameTextTests
{
    // A subject with every kind of attribute, made with OpenSSL, which printed it (-nameopt RFC2253) as below but for quote and backslash.
    private const string Subject =
        "MIIBPTELMAkGA1UEBhMCREUxDzANBgNVBAgMBkJheWVybjEXMBUGA1UECgwOQWNtZSwgSW5jOyAieCIxGTAXBgNVBAsMECNsZWFkIDxiPiBcIGVuZCAxDjAMBgNVBAMMBWNhZsOpMRcwFQYJKoZIhvcNAQkBFghhQGIudGVzdDEOMAwGA1UECQwFV2VnIDExDjAMBgNVBBEMBTgwMzMxMQwwCgYDVQQqDANBbm4xEDAOBgNVBAQMB0V4YW1wbGUxCzAJBgNVBAwMAkRyMRIwEAYKCZImiZPyLGQBAQwCdTExFDASBgoJkiaJk/IsZAEZFgR0ZXN0MQowCAYDVQQuEwFxMQswCQYDVQQFEwI0MjEWMAgGA1UECwwBYTAKBgNVBAMMA2IrYzEKMAgGA1UEDwwBeDEMMAoGA1UEYQwDVkFU";

    [Fact]
    public void Name_IsPrintedAsOpenSslPrintsIt() => DistinguishedNameText.Format(Convert.FromBase64String(Subject)).Should().Be(
        @"organizationIdentifier=VAT,businessCategory=x,CN=b\+c+OU=a,serialNumber=42,dnQualifier=q,DC=test,UID=u1,title=Dr,SN=Example,GN=Ann,"
        + @"postalCode=80331,street=Weg 1,emailAddress=a@b.test,CN=caf\C3\A9,OU=\#lead \<b\> \5C end\ ,O=Acme\, Inc\; \22x\22,ST=Bayern,C=DE");

    [Theory]
    [InlineData("x\r\nX-Evil: 1", @"CN=x\0D\0AX-Evil: 1")]
    [InlineData("\0\u007f", @"CN=\00\7F")]
    [InlineData(" ", @"CN=\ ")]
    [InlineData("a=b", "CN=a=b")]
    [InlineData("\\", @"CN=\5C")]
    [InlineData("\",Subject=\"CN=admin", @"CN=\22\,Subject=\22CN=admin")]
    [InlineData("", "CN=")]
    public void HostileText_CannotLeaveItsQuotes(string commonName, string expected)
        => DistinguishedNameText.Format(SingleAttribute("2.5.4.3", commonName)).Should().Be(expected);

    [Fact]
    public void UnknownAttribute_IsPrintedAsHexadecimal()
        => DistinguishedNameText.Format(SingleAttribute("1.2.3.4.5", "abc")).Should().Be("1.2.3.4.5=#0C03616263");

    [Fact]
    public void EmptyName_IsEmpty() => DistinguishedNameText.Format(new X500DistinguishedName("").RawData).Should().BeEmpty();

    [Theory]
    [InlineData("3003310130")]
    [InlineData("0500")]
    [InlineData("")]
    [InlineData("300B3109300706035504030C01FF")]
    public void MalformedName_IsLeftOut(string der) => DistinguishedNameText.Format(Convert.FromHexString(der)).Should().BeEmpty();

    [Fact]
    public void EndlessName_IsLeftOut()
        => DistinguishedNameText.Format(SingleAttribute("2.5.4.3", new string('x', 10_000))).Should().BeEmpty();

    private static byte[] SingleAttribute(string type, string value)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSetOf())
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(type);
            writer.WriteCharacterString(UniversalTagNumber.UTF8String, value);
        }

        return writer.Encode();
    }
}
